# Everything here sets up a fresh Debian 12 with the Swift toolchain by itself.
.PHONY: help demo test test-all lab lab-shell lint format bench bench-quick bench-paths fuzzer fuzz-smoke dist deb docs clean

help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: ## Builds, replays a field trace, records a guest on the simulation and replays that
	@Scripts/demo

test: ## All suites, field traces, one run on a real Xen (10 minutes)
	@Scripts/check test

test-all: ## The above, sanitizers, release build, more runs on a real Xen (an hour and a quarter)
	@Scripts/check all

lab: ## Boots a real Xen under QEMU and runs the smoke job in it
	@Scripts/install lab && Lab/run smoke

lab-shell: ## A shell on that Xen
	@Scripts/install lab && Lab/shell

lint: ## Formatting and rules of style
	@Scripts/part lint

format: ## Puts all sources into format
	@swift format --in-place --recursive Sources Tests Examples Package.swift

bench: ## Everything measured beside C and beside peers, in one table (half an hour)
	@Scripts/install bench && Scripts/part bench-all

bench-quick: ## The same in two minutes, for what is built
	@Scripts/part bench-all --quick

bench-paths: ## What each data path asks of Xen for the field traces, in simulation and on a real Xen
	@Scripts/part bench-paths

fuzzer: ## The fuzz engine, for ringside fuzz
	@Scripts/install build && Scripts/part fuzzer

fuzz-smoke: ## Five minutes of fuzzing: half a minute for each target, and for packets by two more paths
	@Scripts/install build && Scripts/part fuzz

dist: ## One program that needs glibc only, and an archive with all that belongs to it, in .build/dist
	@Scripts/install build release && Scripts/part dist

deb: dist ## The same as a Debian package
	@Scripts/part deb

docs: ## The libraries' documentation, in .build/docs
	@Scripts/install build && Scripts/part docs

clean: ## Removes what was built, the lab's image too
	rm -rf .build
