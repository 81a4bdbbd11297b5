#!/bin/sh
# What the simulation is held to, asked of real grants, event channels and xenstored: domain 0 on both ends.
# Needs --bin ringside-lab-tests.
set -eu
. /lab/lib.sh
raise_grant_limits
ringside-lab-tests conformance
