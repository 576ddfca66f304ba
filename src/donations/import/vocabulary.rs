//! What wards call the columns of a list of donors.

use crate::spreadsheet::{Field, Vocabulary};

/// What wards call the columns of a list of donors.
pub const VOCABULARY: Vocabulary = Vocabulary {
    of_vi: "nhà hảo tâm ủng hộ",
    of_en: "donors",
    fields: FIELDS,
    never: &["ký nhận", "ký tên", "người nhận", "xác nhận", "số phiếu", "biên lai", "chứng từ"],
    section: |_| false,
};

const FIELDS: &[Field] = &[
    Field::new(
        "donor",
        "Đơn vị/cá nhân",
        &[
            "đơn vị cá nhân",
            "đơn vị cá nhân ủng hộ",
            "cá nhân đơn vị",
            "tên đơn vị cá nhân",
            "nhà hảo tâm",
            "tên nhà hảo tâm",
            "mạnh thường quân",
            "đơn vị ủng hộ",
            "người ủng hộ",
            "tổ chức cá nhân",
            "cá nhân tổ chức",
            "tập thể cá nhân",
            "tên đơn vị",
            "đơn vị tài trợ",
            "nhà tài trợ",
            "họ và tên",
            "họ tên",
            "người đóng góp",
            "đơn vị đóng góp",
            "=đơn vị",
            "=cá nhân",
            "cơ quan đơn vị",
            "tên cá nhân",
        ],
    )
    .spans(),
    Field::new("phone", "Số điện thoại", &["điện thoại", "số điện thoại", "sđt", "số đt", "đt", "liên hệ"])
        .evidence()
        .several(),
    Field::new("address", "Địa chỉ", &["địa chỉ", "nơi ở", "đơn vị công tác"]).evidence(),
    Field::new(
        "item",
        "Hiện vật",
        &[
            "hiện vật",
            "mặt hàng",
            "tên hàng",
            "hàng hóa",
            "nội dung ủng hộ",
            "tên hiện vật",
            "loại hàng",
            "nội dung",
            "hàng ủng hộ",
            "quà ủng hộ",
            "nhu yếu phẩm",
            "tên hàng hóa",
            "loại hiện vật",
            "hình thức ủng hộ",
            "loại",
        ],
    )
    .evidence(),
    Field::new("unit", "ĐVT", &["đvt", "đơn vị tính", "dvt", "đ v t", "đv tính"]),
    Field::new("quantity", "Số lượng", &["số lượng", "sl", "khối lượng", "số suất", "số lượng ủng hộ", "số phần"]),
    Field::new(
        "unit_price",
        "Đơn giá",
        &["đơn giá", "giá", "giá trị suất", "trị giá suất", "giá trị 1 suất", "trị giá 1 suất"],
    ),
    Field::new(
        "value",
        "Trị giá quy đổi",
        &[
            "trị giá quy đổi",
            "trị giá",
            "giá trị",
            "giá trị quy đổi",
            "thành tiền",
            "quy đổi",
            "tổng trị giá",
            "tổng giá trị",
            "quy ra tiền",
            "trị giá hiện vật",
            "giá trị hiện vật",
            "quy thành tiền",
            "tổng cộng",
        ],
    ),
    Field::new(
        "cash",
        "Tiền mặt",
        &[
            "tiền mặt",
            "số tiền",
            "=tiền",
            "tiền ủng hộ",
            "số tiền ủng hộ",
            "bằng tiền",
            "tiền chuyển khoản",
            "ủng hộ tiền",
            "tiền",
        ],
    ),
    Field::new(
        "date",
        "Ngày",
        &[
            "ngày",
            "ngày ủng hộ",
            "ngày nhận",
            "thời gian",
            "ngày tháng",
            "ngày tiếp nhận",
            "ngày tháng năm",
            "thời gian ủng hộ",
            "ngày trao",
        ],
    )
    .evidence()
    .spans(),
    Field::new(
        "condition",
        "Điều kiện ủng hộ",
        &["điều kiện", "mục đích", "địa chỉ hỗ trợ", "hỗ trợ cho", "đối tượng hỗ trợ"],
    ),
    Field::new("note", "Ghi chú", &["ghi chú", "note"]),
];
