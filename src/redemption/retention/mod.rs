//! What is dropped of scans when it was kept long enough: names and free text, never the scan, its answer's outcome or what
//! it moved. A nonce is answered as before, in fewer words; a second handover is still told to be by proxy.

pub mod service;
mod store;
