//! Why a file is no list that can be read, and the way out.
//!
//! An enum rather than a message: a file is read in a process of its own, and the reason comes back through a pipe.

use serde::{Deserialize, Serialize};

use crate::kernel::message::{Invalid, Message};
use crate::kernel::money::group_thousands;

/// Why a file is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// No bytes.
    Empty,
    /// More bytes than a list has.
    TooLarge,
    /// Unpacks into more than a list has, or holds more cells or text.
    HoldsTooMuch,
    /// Something else than a spreadsheet or text.
    NotAWorkbook,
    /// Excel's binary workbook.
    Xlsb,
    /// Cut off or garbled.
    Damaged,
    /// Encrypted.
    Password,
    /// Nothing in it.
    NoRows,
    /// More sheets than a list has.
    TooManySheets {
        /// As many as there may be.
        max: usize,
    },
    /// More rows with something in them.
    TooManyRows {
        /// As many as there may be.
        max: usize,
    },
    /// Something stands far to the right.
    TooManyColumns {
        /// As many as there may be.
        max: usize,
        row: u32,
    },
    /// A cell holds a whole file's worth of text.
    CellTooLong {
        /// Bytes that a cell may have.
        max: usize,
        row: u32,
    },
    /// Reading it took more memory or time than reading a list ever takes.
    TooMuchWork,
}

impl From<Refusal> for Invalid {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooManySheets { max } => too_many_sheets(max),
            Refusal::TooManyRows { max } => too_many_rows(max),
            Refusal::TooManyColumns { max, row } => too_many_columns(max, row),
            Refusal::CellTooLong { max, row } => cell_too_long(max, row),
            Refusal::Empty => EMPTY_FILE,
            Refusal::TooLarge => TOO_LARGE,
            Refusal::HoldsTooMuch => HOLDS_TOO_MUCH,
            Refusal::NotAWorkbook => NOT_A_WORKBOOK,
            Refusal::Xlsb => XLSB,
            Refusal::Damaged => DAMAGED,
            Refusal::Password => PASSWORD,
            Refusal::NoRows => NO_ROWS,
            Refusal::TooMuchWork => TOO_MUCH_WORK,
        }
    }
}

fn counted(max: usize) -> String {
    group_thousands(i64::try_from(max).unwrap_or(i64::MAX))
}

fn too_many_sheets(max: usize) -> Invalid {
    let max = counted(max);
    Invalid::new(
        "too_many_sheets",
        Message::new(
            format!("Tệp có hơn {max} trang tính. Chép riêng trang danh sách sang một tệp mới rồi tải lên."),
            format!("The file has more than {max} sheets. Copy the list alone into a new file and upload that."),
        ),
    )
}

fn too_many_rows(max: usize) -> Invalid {
    let max = counted(max);
    Invalid::new(
        "too_many_rows",
        Message::new(
            format!(
                "Tệp có hơn {max} dòng. Tách thành nhiều tệp nhỏ hơn (mỗi khu dân cư một tệp) rồi tải lên từng tệp."
            ),
            format!("The file has more than {max} rows. Split it (one file per neighbourhood) and upload each part."),
        ),
    )
}

fn too_many_columns(max: usize, row: u32) -> Invalid {
    Invalid::new(
        "too_many_columns",
        Message::new(
            format!("Danh sách có dữ liệu ngoài cột thứ {max} (dòng {row}). Xóa các ô thừa bên phải rồi tải lên lại."),
            format!(
                "The list has data beyond column {max} (row {row}). Clear the stray cells on the right and upload again."
            ),
        ),
    )
}

fn cell_too_long(max: usize, row: u32) -> Invalid {
    let max = counted(max);
    Invalid::new(
        "cell_too_long",
        Message::new(
            format!(
                "Dòng {row} có một ô dài hơn {max} byte. Rút ngắn ô đó (hoặc sửa dấu ngoặc kép bị thiếu) rồi tải lên lại."
            ),
            format!(
                "Row {row} has a cell of more than {max} bytes. Shorten it (or close its quotes) and upload again."
            ),
        ),
    )
}

const EMPTY_FILE: Invalid = Invalid::fixed(
    "empty_file",
    "Tệp rỗng (0 byte). Mở lại tệp gốc, lưu rồi tải lên lần nữa.",
    "The file is empty (0 bytes). Open the original, save it and upload it again.",
);

const TOO_LARGE: Invalid = Invalid::fixed(
    "file_too_large",
    "Tệp quá lớn cho một danh sách. Xóa hình ảnh, trang tính thừa hoặc tách tệp rồi tải lên từng phần.",
    "The file is too large for a list. Remove pictures and unneeded sheets, or split it and upload the parts.",
);

const HOLDS_TOO_MUCH: Invalid = Invalid::fixed(
    "file_too_large",
    "Nội dung tệp sau khi mở ra quá lớn. Chép riêng danh sách sang một tệp mới rồi tải lên.",
    "What the file unpacks into is too large. Copy the list alone into a new file and upload that.",
);

const NOT_A_WORKBOOK: Invalid = Invalid::fixed(
    "not_a_workbook",
    "Đây không phải tệp bảng tính. Mở danh sách bằng Excel, chọn Lưu dưới dạng .xlsx (hoặc .xls, .ods, .csv) rồi tải lên.",
    "This is not a spreadsheet. Open the list in Excel, save it as .xlsx (or .xls, .ods, .csv) and upload that.",
);

const XLSB: Invalid = Invalid::fixed(
    "xlsb",
    "Tệp .xlsb (sổ tính nhị phân) không đọc được. Mở bằng Excel, chọn Lưu dưới dạng .xlsx rồi tải lên.",
    "An .xlsb file (Excel's binary workbook) can't be read. Open it in Excel, save it as .xlsx and upload that.",
);

const DAMAGED: Invalid = Invalid::fixed(
    "damaged_file",
    "Tệp bảng tính bị hỏng, không đọc được. Mở bằng Excel, lưu lại thành tệp mới rồi tải lên.",
    "The spreadsheet is damaged and can't be read. Open it in Excel, save it as a new file and upload that.",
);

const PASSWORD: Invalid = Invalid::fixed(
    "password_protected",
    "Tệp có mật khẩu. Mở bằng Excel, vào Tệp → Thông tin → Bảo vệ sổ làm việc, bỏ mật khẩu, lưu rồi tải lên.",
    "The file has a password. Open it in Excel, File → Info → Protect Workbook, remove the password, save and upload.",
);

const NO_ROWS: Invalid = Invalid::fixed(
    "no_rows",
    "Tệp không có dòng nào. Kiểm tra lại có đúng tệp danh sách không.",
    "The file has no rows. Check that it is the right list.",
);

const TOO_MUCH_WORK: Invalid = Invalid::fixed(
    "too_much_work",
    "Đọc tệp này tốn quá nhiều bộ nhớ hoặc thời gian, thường vì tệp bị hỏng hoặc có ô thừa ở rất xa. Chép riêng danh sách \
     sang một tệp .xlsx mới rồi tải lên.",
    "Reading this file takes too much memory or time, mostly because it is damaged or has a stray cell far away. Copy the \
     list alone into a new .xlsx file and upload that.",
);
