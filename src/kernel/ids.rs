//! Ids: UUIDv7 newtypes, one per noun, so that a household's id can never be passed for a voucher's.

/// Declares id newtypes over [`uuid::Uuid`] that both databases, JSON and the OpenAPI document understand.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
                 sqlx::Type, utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        #[schema(value_type = uuid::Uuid)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new id, sorted after every earlier one of this process.
            pub fn new(clock: &crate::kernel::Clock) -> Self {
                Self(clock.uuid())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> ::std::result::Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A member of staff with a login.
    UserId,
    /// An API token or a browser's session.
    TokenId,
    /// An enrolled phone.
    DeviceId,
    /// An area of the ward (khu dân cư, tổ dân phố).
    AreaId,
    /// A distribution point or warehouse (điểm phát, kho).
    PointId,
    /// Duties that were handed over.
    HandOverId,
    /// An uploaded list.
    ImportId,
    /// A household.
    HouseholdId,
    /// A landlord (chủ nhà trọ).
    LandlordId,
    /// A rented room (phòng trọ).
    RoomId,
    /// A rent reduction: one landlord's rooms and months, pledged together.
    ReductionId,
    /// One room's one month in a reduction.
    RentLineId,
    /// A campaign (chương trình).
    CampaignId,
    /// An item (mặt hàng).
    ItemId,
    /// A package (suất quà).
    PackageId,
    /// A donor (nhà hảo tâm).
    DonorId,
    /// A donation (khoản ủng hộ).
    DonationId,
    /// A lot (lô hàng): an item with one expiry day.
    LotId,
    /// A transfer between points (chuyển kho).
    TransferId,
    /// An adjustment of the stock (điều chỉnh tồn).
    AdjustmentId,
    /// A round of handing out (đợt phát).
    RoundId,
    /// A voucher (phiếu nhận hàng).
    VoucherId,
    /// A contradiction that a coordinator settles.
    ConflictId,
    /// A lease.
    LeaseId,
}
