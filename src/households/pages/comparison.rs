//! Two households side by side, with what differs marked.

use super::words::{category, name, status};
use crate::households::HouseholdStatus;
use crate::households::duplicates::Reason;
use crate::households::store::Stored;
use crate::households::store::table::Listed;
use crate::households::stored_category::CategoryReader;
use crate::households::view::Household;
use crate::http::{Frame, Result};
use crate::kernel::vietnamese::{address_key, fold};
use crate::vault::Vault;

/// One line of the comparison.
pub(super) struct Line {
    pub(super) label: &'static str,
    pub(super) a: String,
    pub(super) b: String,
    pub(super) differs: bool,
}

/// Two households.
pub(super) struct Compared {
    pub(super) a: Household,
    pub(super) b: Household,
    pub(super) lines: Vec<Line>,
    pub(super) reasons: Vec<&'static str>,
}

impl Compared {
    /// Compares them in full and shows them masked. Spelling, marks and case of names and addresses make no difference.
    pub(super) fn of(frame: &Frame, vault: &Vault, a: Listed, b: Listed, reasons: &[Reason]) -> Result<Self> {
        let t = |vi, en| frame.t(vi, en);
        let (area_a, area_b) = (a.area, b.area);
        let categories = CategoryReader::new(vault);
        let seen = |stored: &Stored, full| Household::of(vault, &categories, stored.clone(), full);
        let full = (seen(&a.stored, true)?, seen(&b.stored, true)?);
        let (a, b) = (seen(&a.stored, false)?, seen(&b.stored, false)?);
        let line = |label, of: &dyn Fn(&Household) -> String, differs| Line { label, a: of(&a), b: of(&b), differs };
        let shown = |text: &Option<String>| text.clone().unwrap_or_default();
        let differ = |of: &dyn Fn(&Household) -> String| of(&full.0) != of(&full.1);
        let mut lines = vec![
            line(t("Chủ hộ", "Head"), &|h| name(frame, h).to_owned(), differ(&|h| fold(&h.head_name))),
            line(t("Điện thoại", "Phone"), &|h| shown(&h.phone), differ(&|h| shown(&h.phone))),
            line(t("Số CCCD, CMND", "Id number"), &|h| shown(&h.citizen_id), differ(&|h| shown(&h.citizen_id))),
            line(
                t("Năm sinh", "Year of birth"),
                &|h| h.birth_year.map(|year| year.to_string()).unwrap_or_default(),
                full.0.birth_year != full.1.birth_year,
            ),
            line(t("Địa chỉ", "Address"), &|h| h.address.clone(), differ(&|h| address_key(&h.address))),
        ];
        let differs = full.0.area_id != full.1.area_id;
        lines.push(Line { label: t("Khu vực", "Area"), a: area_a, b: area_b, differs });
        lines.push(line(t("Nhân khẩu", "Members"), &|h| h.members.to_string(), full.0.members != full.1.members));
        lines.push(line(
            t("Diện hỗ trợ", "Category"),
            &|h| category(frame, h.category),
            full.0.category != full.1.category,
        ));
        lines.push(line(t("Ghi vào sổ", "Registered"), &|h| frame.moment(&h.created_at), false));
        if a.status != HouseholdStatus::Active || b.status != HouseholdStatus::Active {
            lines.push(line(t("Tình trạng", "State"), &|h| status(frame, h.status).to_owned(), a.status != b.status));
        }
        let reasons = reasons.iter().map(|reason| said(frame, *reason)).collect();
        Ok(Self { a, b, lines, reasons })
    }

    pub(super) fn name<'a>(&self, frame: &Frame, household: &'a Household) -> &'a str {
        name(frame, household)
    }
}

fn said(frame: &Frame, reason: Reason) -> &'static str {
    match reason {
        Reason::SameName => frame.t("cùng họ tên", "same name"),
        Reason::SimilarName => frame.t("họ tên gần giống", "similar name"),
        Reason::SamePhone => frame.t("cùng số điện thoại", "same phone"),
        Reason::SameAddress => frame.t("cùng địa chỉ", "same address"),
        Reason::SameBirthYear => frame.t("cùng năm sinh", "same year of birth"),
    }
}
