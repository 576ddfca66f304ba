//! What is kept no longer than it is needed, who could rewrite the log, keys that change, tokens that move on.

mod answers;
mod caches;
mod log;
mod phone_tokens;
mod rotation;
mod transport;
