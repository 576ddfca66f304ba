.PHONY: demo test bench check openapi screenshots

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

# Pictures of every page, on a phone and on a laptop, in both languages, in ./screenshots.
screenshots:
	.ci/setup
	cargo build --locked
	node tests/browser/screenshots.js
