//! What a voucher's paper says.

use crate::kernel::Moment;
use crate::vouchers::typed_code::TypedCode;

/// What is the same on every voucher of a file.
#[derive(Clone, Debug)]
pub struct SheetHead {
    /// Who issues the vouchers, such as `UBMTTQVN phường Thanh Khê`.
    pub issuer: String,
    /// The campaign, such as `San sẻ yêu thương, vượt qua đại dịch`.
    pub campaign: String,
    /// The round, such as `Đợt 3`.
    pub round: String,
    /// The moment that the file gives as its own.
    pub written_at: Moment,
}

/// One voucher, as it is printed.
#[derive(Clone, Debug)]
pub struct VoucherPaper {
    /// Head of the household.
    pub household_name: String,
    /// Street address.
    pub address: String,
    /// Neighbourhood and group, such as `KDC 03, tổ 12`.
    pub area: String,
    /// The distribution point.
    pub point_name: String,
    pub point_address: String,
    /// The day or days, such as `Thứ Năm 05/08/2021`.
    pub day: String,
    /// The time slot, such as `08:00 – 08:20`.
    pub slot: Option<String>,
    /// The package's name.
    pub package: String,
    /// What is inside, such as `10 kg gạo`.
    pub contents: Vec<String>,
    /// How many packages the voucher is good for.
    pub units: u8,
    /// The voucher's serial in its round.
    pub serial: u32,
    /// The signed code, for the QR code.
    pub code: String,
    pub typed_code: TypedCode,
    /// What a neighbour who collects must bring, if the round allows one to.
    pub proxy_hint: Option<String>,
}
