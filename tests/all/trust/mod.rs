//! Who may read and change what is kept, and what passes.

mod transport;
