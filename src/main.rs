//! The `lalanh` program: see [`lalanh::cli`].

fn main() -> std::process::ExitCode {
    lalanh::cli::run()
}
