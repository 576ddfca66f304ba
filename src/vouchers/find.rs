//! Finding a voucher from what a person has in hand: the scanned code, the typed code, or the household's name.

use uuid::Uuid;

use super::code::{NotACode, ParsedCode};
use super::keyring;
use super::store::listings::{self, FoundVoucher};
use super::store::vouchers as store;
use super::typed_code::TypedCode;
use crate::db::Conn;
use crate::households::search::Search;
use crate::households::store as households;
use crate::households::store::Filter;
use crate::households::stored_category::CategoryFilter;
use crate::http::{Core, Cursor, Result};
use crate::kernel::ids::{HouseholdId, VoucherId};
use crate::kernel::message::Invalid;
use crate::people::Staff;

/// Households that a search looks at, at most.
const HOUSEHOLDS_MAX: i64 = 60;

/// What a code led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByCode {
    pub id: VoucherId,
    /// Whether the code is that of a paper which was replaced.
    pub superseded: bool,
}

/// What a text that may be a code turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A code of this voucher.
    Voucher(ByCode),
    /// A code, and this is wrong with it.
    Invalid(Invalid),
    /// No code: a name, perhaps.
    Text,
}

/// Reads a scanned or typed code. A scanned one counts only with a right signature.
pub async fn by_code(conn: &mut Conn, core: &Core, text: &str) -> Result<Read> {
    match ParsedCode::parse(text) {
        Ok(parsed) => {
            let ring = keyring::ring(conn, core).await?;
            // Whoever looks a voucher up may see one whose key was withdrawn.
            let ours = !matches!(
                parsed.verify(&ring),
                Err(super::code::Unverified::BadSignature | super::code::Unverified::UnknownKey)
            );
            let code = parsed.unverified();
            let found = if ours { store::by_serial(conn, code.round, code.serial).await? } else { None };
            Ok(match found {
                Some((id, issue)) => Read::Voucher(ByCode { id, superseded: i64::from(code.issue) != issue }),
                None => Read::Invalid(NOT_OURS),
            })
        }
        Err(NotACode::Malformed) => Ok(Read::Invalid(NOT_OURS)),
        Err(NotACode::Foreign) => by_typed_code(conn, text).await,
    }
}

async fn by_typed_code(conn: &mut Conn, text: &str) -> Result<Read> {
    let typed = match TypedCode::parse(text) {
        Ok(typed) => typed,
        // Ten symbols with a digit among them were meant as a code.
        Err(wrong) if wrong.code == "typed_code_check" && text.contains(|c: char| c.is_ascii_digit()) => {
            return Ok(Read::Invalid(wrong));
        }
        Err(_) => return Ok(Read::Text),
    };
    Ok(match store::by_typed_code(conn, typed.as_str()).await? {
        Some((id, superseded)) => Read::Voucher(ByCode { id, superseded }),
        None => Read::Invalid(NEVER_ISSUED),
    })
}

const NOT_OURS: Invalid = Invalid::fixed(
    "bad_signature",
    "Mã này không phải phiếu do phường phát, hoặc quét chưa hết. Hãy quét lại, hoặc nhập mã 10 ký tự.",
    "This code is not of a voucher that the ward issued, or was cut short. Scan again, or type the 10 symbols.",
);
/// Said of a code that no voucher carries, or none that whoever looks may know of.
pub const NEVER_ISSUED: Invalid = Invalid::fixed(
    "unknown",
    "Không có phiếu nào mang mã này. Hãy xem lại mã, hoặc tìm theo tên chủ hộ.",
    "No voucher has this code. Check it, or look for the household's name.",
);

/// Vouchers that a login reaches, of the households that a name, address, phone or id number fits; the latest rounds first.
pub async fn by_household(conn: &mut Conn, core: &Core, text: &str, staff: &Staff) -> Result<Vec<FoundVoucher>> {
    let filter = Filter { scope: staff.scope.areas.clone(), category: CategoryFilter::default(), status: None };
    let ids = households_like(conn, core, text, &filter, HOUSEHOLDS_MAX).await?;
    Ok(if ids.is_empty() { Vec::new() } else { listings::of_households(conn, &ids, &staff.named_points()).await? })
}

/// Households by what was typed of their name, address, phone or id number.
pub async fn households_like(
    conn: &mut Conn,
    core: &Core,
    text: &str,
    filter: &Filter,
    most: i64,
) -> Result<Vec<HouseholdId>> {
    let cursor = Cursor { fetch: most, after: Uuid::nil() };
    let found = match Search::parse(&core.vault, text) {
        Search::Words { folded, marked } => households::by_words(conn, *folded, *marked, filter, cursor).await?,
        Search::Number { phone_index, citizen_index } => {
            households::by_number(conn, phone_index, citizen_index, filter, cursor).await?
        }
    };
    Ok(found.into_iter().map(|stored| stored.id).collect())
}
