#!/bin/sh
# Field traces through each data path on real grants: what each asks of Xen. Needs --bin ringside --in Corpus/field.
# Leaves the tables (paths.txt).
set -eu
. /lab/lib.sh
raise_grant_limits
ringside replay --on xen --path all /job/in/field >/job/out/paths.txt
