//! Bodies that are refused are read to their end first.

use axum::body::BodyDataStream;
use futures_util::StreamExt as _;

/// Bytes of a refused upload that are read and thrown away, so that its sender hears the answer instead of a broken
/// connection.
const DRAIN_LIMIT: usize = 256 * 1024 * 1024;

/// Reads on and forgets: a sender that is answered while it still sends would see a broken connection instead.
pub(super) async fn drain(mut stream: BodyDataStream, mut read: usize) {
    while read < DRAIN_LIMIT {
        match stream.next().await {
            Some(Ok(piece)) => read += piece.len(),
            _ => return,
        }
    }
}
