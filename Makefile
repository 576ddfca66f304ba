.PHONY: demo test bench check openapi api-test freeze upgrade-sample screenshots audit sbom pin-images image

# A ward with a market in progress, to look around in.
demo:
	cargo run --locked -- demo

# Every test, on SQLite and on PostgreSQL, in Rust, in Node and in a browser; installs what is missing.
test:
	.ci/test

# Our speed beside others, in one run; then the phone's, with the program that this built.
bench:
	.ci/bench

# What a change must pass.
check:
	.ci/run

# Writes the API's document from the code into assets/openapi.json, which the program serves.
openapi:
	LALANH_WRITE_OPENAPI=1 cargo test --locked --test all -- --exact document::the_document_that_is_served_is_what_the_code_says

# Whether that document is true: schemathesis asks, as each role, on both databases. `make test` asks a part of it.
api-test:
	.ci/setup
	.ci/api-test

# Before a release: freezes the migrations that are new in it (migrations/frozen.txt).
freeze:
	LALANH_FREEZE=1 cargo test --locked --test all -- --exact upgrade::frozen::released_migrations_stay_as_they_are_and_new_ones_come_after_them

# Before a release: a filled database of this version for the upgrades to come, in tests/upgrade/<version>.
upgrade-sample:
	LALANH_WRITE_UPGRADE_SAMPLE=1 cargo test --locked --test all -- --exact upgrade::sample::a_sample_of_this_version_has_rows_in_every_table

# Pictures of every page, on a phone and on a laptop, in both languages, in ./screenshots.
screenshots:
	.ci/setup
	cargo build --locked
	node tests/browser/screenshots.js

# Known vulnerabilities, and crates that nobody keeps up, by the advisories in the folder ADVISORY_DB, or fetched ones.
audit:
	.ci/audit

# What the program is made of, as CycloneDX, into ./sbom.
sbom:
	.ci/sbom

# Writes into the Dockerfile what the names of its base images mean today.
pin-images:
	.ci/images pin

# The container of a release: from images that stay as they are, after an audit, with what it is made of.
image:
	.ci/images check
	.ci/audit --required
	.ci/sbom
	docker build -t lalanh .
