.PHONY: demo test bench check screenshots

# A ward with a market in progress, to look around in.
demo:
	cargo run --locked -- demo

# Every test, on SQLite and on PostgreSQL, in Rust, in Node and in a browser; installs what is missing.
test:
	.ci/test

# Our speed beside others, in one run; then the phone's, with the program that this built.
bench:
	.ci/setup
	cargo bench --locked --bench '*'
	LALANH_PROFILE=release node benches/phone.js

# What a change must pass.
check:
	.ci/run

# Pictures of every page, on a phone and on a laptop, in both languages, in ./screenshots.
screenshots:
	.ci/setup
	cargo build --locked
	node tests/browser/screenshots.js
