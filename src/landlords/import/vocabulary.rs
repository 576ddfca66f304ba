//! What wards call the columns of a list of landlords.

use crate::spreadsheet::{Field, Vocabulary};

/// What wards call the columns of a list of landlords.
pub const VOCABULARY: Vocabulary = Vocabulary {
    of_vi: "chủ nhà trọ giảm tiền thuê",
    of_en: "landlords who cut rent",
    fields: FIELDS,
    never: &[
        "ký nhận",
        "ký tên",
        "ký xác nhận",
        "xác nhận",
        "ngày cấp",
        "nơi cấp",
        "diện tích",
        "người thuê",
        "sau khi giảm",
        "còn lại",
        "sau giảm",
    ],
    section: |_| false,
};

const FIELDS: &[Field] = &[
    Field::new(
        "landlord",
        "Chủ nhà trọ",
        &[
            "họ tên chủ trọ",
            "họ và tên chủ trọ",
            "họ tên chủ nhà trọ",
            "họ và tên chủ nhà trọ",
            "chủ nhà trọ",
            "chủ trọ",
            "chủ nhà",
            "tên chủ trọ",
            "tên chủ nhà trọ",
            "chủ cơ sở",
            "họ tên chủ nhà",
            "chủ hộ",
            "họ và tên",
            "họ tên",
            "chủ dãy trọ",
            "tên chủ hộ",
        ],
    )
    .spans(),
    Field::new("family_name", "Họ", &["=họ", "=họ và tên đệm", "=họ đệm", "=họ và chữ lót"]),
    Field::new("given_name", "Tên", &["=tên"]),
    Field::new(
        "phone",
        "Số điện thoại",
        &["điện thoại", "số điện thoại", "sđt", "số đt", "đt", "di động", "liên hệ", "phone"],
    )
    .evidence()
    .several()
    .spans(),
    Field::new(
        "address",
        "Địa chỉ",
        &[
            "địa chỉ",
            "địa chỉ nhà trọ",
            "địa chỉ phòng trọ",
            "địa chỉ khu trọ",
            "nơi ở",
            "chỗ ở",
            "số nhà đường",
            "địa điểm",
        ],
    )
    .evidence()
    .several()
    .spans(),
    Field::new("house_number", "Số nhà", &["=số nhà"]).evidence().spans(),
    Field::new("street", "Đường", &["=đường", "=tên đường"]).evidence().spans(),
    Field::new("area", "Tổ/KDC", &["kdc", "khu dân cư", "tổ", "tổ dân phố", "tdp", "khu vực", "địa bàn"])
        .evidence()
        .spans(),
    Field::new(
        "rooms",
        "Số phòng",
        &[
            "số phòng",
            "số phòng giảm",
            "số phòng được giảm",
            "số phòng trọ",
            "sl phòng",
            "số lượng phòng",
            "phòng",
            "=sp",
            "số phòng cho thuê",
        ],
    ),
    Field::new(
        "rent",
        "Giá thuê",
        &[
            "giá thuê",
            "giá phòng",
            "giá thuê phòng",
            "tiền thuê",
            "đơn giá",
            "giá cho thuê",
            "tiền phòng",
            "tiền thuê phòng",
            "giá",
        ],
    )
    .evidence(),
    Field::new(
        "reduction",
        "Mức giảm",
        &[
            "mức giảm",
            "giảm",
            "tỷ lệ giảm",
            "tỉ lệ giảm",
            "số tiền giảm phòng",
            "mức hỗ trợ",
            "hình thức giảm",
            "mức miễn giảm",
            "miễn giảm",
            "giảm phòng tháng",
            "số tiền giảm mỗi phòng",
        ],
    )
    .evidence(),
    Field::new(
        "from",
        "Từ tháng",
        &["từ tháng", "=từ", "tháng bắt đầu", "bắt đầu", "thời gian bắt đầu", "giảm từ tháng"],
    )
    .evidence()
    .spans(),
    Field::new(
        "to",
        "Đến tháng",
        &["đến tháng", "=đến", "tháng kết thúc", "kết thúc", "thời gian kết thúc", "đến hết tháng"],
    )
    .evidence()
    .spans(),
    Field::new(
        "months",
        "Thời gian giảm",
        &["thời gian giảm", "thời gian", "các tháng giảm", "tháng giảm", "=tháng", "thời gian hỗ trợ"],
    )
    .evidence()
    .spans(),
    Field::new("month_count", "Số tháng", &["số tháng", "số tháng giảm", "tổng số tháng"]),
    Field::new(
        "total",
        "Tổng tiền giảm",
        &[
            "tổng tiền giảm",
            "tổng số tiền giảm",
            "tổng tiền",
            "thành tiền",
            "tổng cộng",
            "số tiền giảm",
            "tổng số tiền",
            "=tổng",
            "tổng giá trị giảm",
            "tổng mức giảm",
            "số tiền",
        ],
    ),
    Field::new("note", "Ghi chú", &["ghi chú", "note"]),
];
