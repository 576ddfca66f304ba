//! The grid in which rooms and months are typed: one row a room with its first and last month, where the records hold
//! a line for each month. Rows become lines and lines become rows; what a line may say is decided in [`crate::landlords::room`].

use std::collections::BTreeSet;

use crate::http::{Error, Form};
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Dong, FieldError, Month, Validation};
use crate::landlords::room::{LINES_MAX, NewLine, NewLines, RoomBody};
use crate::landlords::{CutKind, RentLine};

/// The fields of a row.
const FIELDS: [&str; 8] = ["room", "tenant", "rent", "kind", "percent", "amount", "from", "to"];
/// Rows that a form shows at most.
pub(in crate::landlords) const ROWS_MAX: usize = 200;

/// One row as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::landlords) struct Row {
    values: [String; 8],
}

impl Row {
    /// Row `at` of a form.
    fn of(form: &Form, at: usize) -> Self {
        Self { values: FIELDS.map(|field| form.value(&format!("rooms[{at}].{field}")).to_owned()) }
    }

    /// A row of other fields of a form, such as the one setting for all rooms.
    pub(in crate::landlords) fn under(form: &Form, prefix: &str) -> Self {
        Self { values: FIELDS.map(|field| form.value(&format!("{prefix}.{field}")).to_owned()) }
    }

    /// The same row for another room.
    pub(in crate::landlords) fn named(&self, room: &str) -> Self {
        let mut row = self.clone();
        room.clone_into(&mut row.values[0]);
        row.values[1].clear();
        row
    }

    fn is_empty(&self) -> bool {
        // A row that was added and left alone has the terms of the row before, but no room of its own.
        self.values[0].is_empty() && self.values[1].is_empty()
    }
}

/// The rows of a form, without those that are empty or ticked to be left out.
pub(in crate::landlords) fn rows(form: &Form) -> Vec<Row> {
    (0..form.rows("rooms").min(ROWS_MAX))
        .filter(|at| !form.ticked(&format!("rooms[{at}].drop")))
        .map(|at| Row::of(form, at))
        .filter(|row| !row.is_empty())
        .collect()
}

/// The form with these rows instead of its own.
pub(in crate::landlords) fn with_rows(form: Form, rows: &[Row]) -> Form {
    let mut form = form.without("rooms[");
    for (at, row) in rows.iter().enumerate() {
        for (field, value) in FIELDS.iter().zip(&row.values) {
            form = form.with(&format!("rooms[{at}].{field}"), value);
        }
    }
    form
}

/// The grid with one more row, under the terms of the last.
pub(in crate::landlords) fn one_more(form: Form) -> Form {
    let mut rows = rows(&form);
    let new = rows.last().map_or_else(|| Row::under(&form, "all"), |last| last.named(""));
    rows.push(new);
    with_rows(form, &rows)
}

/// Months that follow each other under the same terms, as their first line and their last month.
fn grouped(lines: &[RentLine]) -> Vec<(&RentLine, Month)> {
    let mut groups: Vec<(&RentLine, Month)> = Vec::new();
    for line in lines {
        let goes_on = |(first, last): &&mut (&RentLine, Month)| {
            (first.room_id, first.rent, first.kind, first.percent_hundredths, first.reduced, &first.tenant)
                == (line.room_id, line.rent, line.kind, line.percent_hundredths, line.reduced, &line.tenant)
                && last.plus(1) == Some(line.month)
        };
        match groups.iter_mut().find(goes_on) {
            Some((_, last)) => *last = line.month,
            None => groups.push((line, line.month)),
        }
    }
    groups
}

/// Stored lines as rows to be typed over.
pub(in crate::landlords) fn rows_of_lines(lines: &[RentLine]) -> Vec<Row> {
    grouped(lines).into_iter().map(|(first, last)| row_of(first, last)).collect()
}

/// Rows under the same terms as one: their rooms are told in a row, their savings added up.
pub(in crate::landlords) fn alike(rows: Vec<CheckedRow>) -> Vec<CheckedRow> {
    let mut out: Vec<CheckedRow> = Vec::new();
    for row in rows {
        let room = if row.tenant.is_empty() { row.room.clone() } else { format!("{} ({})", row.room, row.tenant) };
        let terms = |row: &CheckedRow| (row.rent, row.reduced, row.kind, row.percent_hundredths, row.from, row.to);
        match out.iter_mut().find(|known| terms(known) == terms(&row)) {
            Some(known) => {
                known.room = format!("{}, {room}", known.room);
                known.total = Dong(known.total.0 + row.total.0);
            }
            None => out.push(CheckedRow { room, tenant: String::new(), ..row }),
        }
    }
    out
}

/// Stored lines as pledged, to be looked at.
pub(in crate::landlords) fn pledged(lines: &[RentLine]) -> Vec<CheckedRow> {
    let row = |(line, to): (&RentLine, Month)| {
        let months = i64::from(line.month.months_through(to));
        CheckedRow {
            room: line.room.clone(),
            tenant: line.tenant.clone(),
            rent: line.rent,
            reduced: line.reduced,
            kind: line.kind,
            percent_hundredths: line.percent_hundredths,
            from: line.month,
            to,
            months,
            total: Dong(line.reduced.0 * months),
        }
    };
    grouped(lines).into_iter().map(row).collect()
}

fn row_of(line: &RentLine, last: Month) -> Row {
    let amount = if line.kind == CutKind::Amount { line.reduced.grouped() } else { String::new() };
    let percent = line.percent_hundredths.map(for_people).unwrap_or_default();
    let values = [
        line.room.clone(),
        line.tenant.clone(),
        line.rent.grouped(),
        line.kind.to_string(),
        percent,
        amount,
        line.month.to_string(),
        last.to_string(),
    ];
    Row { values }
}

/// A share in hundredths of a percent as people write it: 3050 is `30,5`.
pub(in crate::landlords) fn for_people(hundredths: i64) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole},{rest:02}").trim_end_matches('0').to_owned() }
}

/// The lines that rows stand for, each with the row it came from.
#[derive(Debug, Default)]
pub(in crate::landlords) struct Lines {
    /// What the records' rules are asked about.
    pub(in crate::landlords) bodies: Vec<RoomBody>,
    rows: Vec<usize>,
}

impl Lines {
    /// Spells out the months of a form's rows.
    pub(in crate::landlords) fn of(form: &Form) -> Result<Self, Vec<FieldError>> {
        let mut fields = Validation::new();
        let mut lines = Self::default();
        for at in 0..form.rows("rooms").min(ROWS_MAX) {
            lines.add(&mut fields, form, at);
        }
        fields.finish()?;
        Ok(lines)
    }

    fn add(&mut self, fields: &mut Validation, form: &Form, at: usize) {
        let name = |field: &str| format!("rooms[{at}].{field}");
        let room = form.value(&name("room")).to_owned();
        let rent = form.dong(&name("rent")).map_err(|wrong| {
            or_missing(wrong, "Ghi tiền thuê một phòng một tháng.", "Say what a room's rent for a month is.")
        });
        let rent = fields.take(&name("rent"), rent);
        let kind = form.chosen::<CutKind>(&name("kind"));
        let kind = kind.map_err(|wrong| or_missing(wrong, "Chọn cách giảm.", "Choose how the rent is cut."));
        let kind = fields.take(&name("kind"), kind);
        let (percent, amount) = match kind {
            Some(CutKind::Percent) => (fields.take(&name("percent"), percent(form.value(&name("percent")))), None),
            Some(CutKind::Amount) => {
                let amount = form
                    .dong(&name("amount"))
                    .map_err(|wrong| or_missing(wrong, "Ghi số tiền giảm (đồng).", "Say how many đồng are taken off."));
                (None, fields.take(&name("amount"), amount))
            }
            Some(CutKind::Waiver) | None => (None, None),
        };
        let from = form.month(&name("from"));
        let from = from.map_err(|wrong| or_missing(wrong, "Chọn tháng bắt đầu giảm.", "Choose the first month."));
        let from = fields.take(&name("from"), from);
        let to =
            if form.value(&name("to")).is_empty() { from } else { fields.take(&name("to"), form.month(&name("to"))) };
        let (Some(rent), Some(kind), Some(from), Some(to)) = (rent, kind, from, to) else { return };
        fields.check(&name("to"), from <= to, || {
            Invalid::fixed(
                "to_before_from",
                "Tháng cuối không được trước tháng đầu. Đổi lại hai tháng.",
                "The last month can't come before the first. Swap the two.",
            )
        });
        // A span too long is refused by the number of its lines.
        let months = usize::try_from(from.months_through(to)).unwrap_or(0).min(LINES_MAX + 1);
        let tenant = form.text(&name("tenant"));
        for month in (0_i32..).map_while(|later| from.plus(later)).take(months) {
            self.rows.push(at);
            self.bodies.push(RoomBody {
                room: room.clone(),
                tenant: tenant.clone(),
                month: month.to_string(),
                rent: rent.0,
                kind,
                amount: amount.map(|amount| amount.0),
                percent: percent.clone(),
            });
        }
    }

    /// A refusal of lines, told of the rows.
    pub(in crate::landlords) fn told_of(&self, error: Error) -> Error {
        match error {
            Error::Invalid(errors) => Error::Invalid(self.told(errors)),
            other => other,
        }
    }

    /// Errors of lines, told of the rows: each once.
    pub(in crate::landlords) fn told(&self, errors: Vec<FieldError>) -> Vec<FieldError> {
        let mut seen = BTreeSet::new();
        let told = errors.into_iter().map(|mut error| {
            if let Some(field) = self.field(&error.field) {
                error.field = field;
            }
            error
        });
        told.filter(|error| seen.insert((error.field.clone(), error.code))).collect()
    }

    fn field(&self, field: &str) -> Option<String> {
        let (line, rest) = field.strip_prefix("rooms[")?.split_once(']')?;
        let row = self.rows.get(line.parse::<usize>().ok()?)?;
        Some(match rest {
            "" => format!("rooms[{row}].room"),
            ".month" => format!("rooms[{row}].from"),
            other => format!("rooms[{row}]{other}"),
        })
    }
}

/// A message that says what is missing, where nothing was typed.
fn or_missing(wrong: Invalid, vi: &'static str, en: &'static str) -> Invalid {
    if wrong.code == "required" { Invalid::fixed("required", vi, en) } else { wrong }
}

fn percent(text: &str) -> Result<serde_json::Number, Invalid> {
    let text = text.trim_end_matches('%').trim_end().replace(',', ".");
    if text.is_empty() {
        return Err(Invalid::fixed("required", "Ghi tỷ lệ giảm (phần trăm).", "Say how many percent are taken off."));
    }
    text.parse().map_err(|_| {
        Invalid::fixed("wrong_type", "Ghi tỷ lệ bằng chữ số, ví dụ 50.", "Write the share in digits, such as 50.")
    })
}

/// A row as the rules understood it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::landlords) struct CheckedRow {
    /// The room's label.
    pub(in crate::landlords) room: String,
    /// Who lives there; empty when unknown.
    pub(in crate::landlords) tenant: String,
    /// The month's rent.
    pub(in crate::landlords) rent: Dong,
    /// Đồng forgone a month.
    pub(in crate::landlords) reduced: Dong,
    pub(in crate::landlords) kind: CutKind,
    /// The share, for percent.
    pub(in crate::landlords) percent_hundredths: Option<i64>,
    /// The first month.
    pub(in crate::landlords) from: Month,
    /// The last month.
    pub(in crate::landlords) to: Month,
    /// How many months.
    pub(in crate::landlords) months: i64,
    /// Đồng forgone in all these months.
    pub(in crate::landlords) total: Dong,
}

/// A form's grid as the rules understood it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::landlords) struct Checked {
    pub(in crate::landlords) rows: Vec<CheckedRow>,
    /// What the rows stand for.
    pub(in crate::landlords) lines: NewLines,
    /// Distinct rooms.
    pub(in crate::landlords) rooms: i64,
    pub(in crate::landlords) room_months: i64,
    /// Đồng forgone.
    pub(in crate::landlords) amount: Dong,
}

/// Asks the rules about a form's grid without storing anything.
pub(in crate::landlords) fn check(form: &Form, today: Day) -> Result<Checked, Vec<FieldError>> {
    let lines = Lines::of(form)?;
    let mut fields = Validation::new();
    let checked = NewLines::check(&mut fields, &lines.bodies, today);
    let (checked,) = fields.all((checked,)).map_err(|errors| lines.told(errors))?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let rooms = checked.iter().map(|line| &line.room_key).collect::<BTreeSet<_>>().len();
    let amount = Dong(checked.iter().map(|line| line.reduced.0).sum());
    let rows = lines.rows.chunk_by(|a, b| a == b).scan(0, |start, part| {
        let lines = &checked[*start..*start + part.len()];
        *start += part.len();
        Some(checked_row(lines))
    });
    let (rows, room_months) = (rows.collect(), count(checked.len()));
    Ok(Checked { rows, rooms: count(rooms), room_months, amount, lines: checked })
}

fn checked_row(lines: &[NewLine]) -> CheckedRow {
    let (first, last) = (&lines[0], &lines[lines.len() - 1]);
    CheckedRow {
        room: first.room.clone(),
        tenant: first.tenant.clone(),
        rent: first.rent,
        reduced: first.reduced,
        kind: first.kind,
        percent_hundredths: first.percent_hundredths,
        from: first.month,
        to: last.month,
        months: i64::try_from(lines.len()).unwrap_or(i64::MAX),
        total: Dong(lines.iter().map(|line| line.reduced.0).sum()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Day {
        Day::parse("2021-08-05").unwrap()
    }

    fn typed(room: &str, kind: &str, percent: &str, from: &str, to: &str) -> Row {
        let values = [room, "", "1.000.000", kind, percent, "", from, to].map(str::to_owned);
        Row { values }
    }

    #[test]
    fn a_row_stands_for_a_line_of_each_of_its_months() {
        let rows = [typed("Phòng 1", "percent", "50", "7/2021", "2021-09"), typed("2", "waiver", "", "2021-07", "")];
        let checked = check(&with_rows(Form::default(), &rows), today()).unwrap();
        assert_eq!((checked.rooms, checked.room_months, checked.amount), (2, 4, Dong(2_500_000)));
        assert_eq!((checked.rows[0].months, checked.rows[0].total), (3, Dong(1_500_000)));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told_of_its_row_once() {
        let rows = [
            typed("1", "percent", "50", "2021-07", "2021-09"),
            typed("P1", "waiver", "", "2021-09", ""),
            typed("3", "percent", "120", "2021-07", "2021-09"),
        ];
        let errors = check(&with_rows(Form::default(), &rows), today()).unwrap_err();
        let named: Vec<(&str, &str)> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
        assert_eq!(named, [("rooms[1].room", "repeated"), ("rooms[2].percent", "out_of_range")]);
    }

    #[test]
    fn months_that_end_before_they_begin_or_go_on_for_ever_are_refused() {
        let swapped = check(&with_rows(Form::default(), &[typed("1", "waiver", "", "2021-09", "2021-07")]), today());
        assert_eq!(swapped.unwrap_err()[0].code, "to_before_from");
        let endless = check(&with_rows(Form::default(), &[typed("1", "waiver", "", "2021-07", "9999-12")]), today());
        assert_eq!(endless.unwrap_err()[0].field, "rooms");
    }

    #[test]
    fn a_row_left_out_or_left_empty_is_no_row() {
        let form = with_rows(Form::default(), &[typed("1", "waiver", "", "2021-07", ""), Row::default()])
            .with("rooms[2].room", "2")
            .with("rooms[2].drop", "yes");
        assert_eq!(rows(&form), [typed("1", "waiver", "", "2021-07", "")]);
    }
}
