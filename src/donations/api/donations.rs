//! The JSON API of donors and donations.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::campaigns::require_campaign;
use crate::db::Conn;
use crate::donations::donation::{Donation, LineKind, NewDonation, NewLine};
use crate::donations::donor::{ANONYMOUS, Donor, DonorKind, NewDonor};
use crate::donations::record::record;
use crate::donations::store;
use crate::donations::store::listings::{DonationFilter, Seen};
use crate::http::{Answer, Api, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, routes};
use crate::inventory::lines::MAX_LINES;
use crate::inventory::store::catalogue::{items_by_id, packages_by_id};
use crate::inventory::unknown_item;
use crate::kernel::ids::{CampaignId, DonationId, DonorId, ItemId, PackageId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Day, Dong, Message, Quantity, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::{ReadStock, WriteGoods};
use crate::people::{Permit, Right, Staff};
use crate::places::PointScope;
use crate::places::store::first_warehouses;

/// Packages that one line has at most.
const MAX_PACKAGES: i64 = 1_000_000;

/// Donors and donations.
pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(create_donation, list_donations))
        .routes(routes!(get_donation))
        .routes(routes!(list_donors))
        .routes(routes!(get_donor))
}

/// A donation to record.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"donor": {"name": "Chùa Quang Minh", "kind": "organisation"}, "received_on": "2021-08-05",
    "point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "lines": [
        {"kind": "goods", "item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92", "quantity": 500_000, "value": 9_000_000},
        {"kind": "packages", "count": 100, "value": 25_000_000}, {"kind": "cash", "amount": 5_000_000}],
    "condition": "Dành cho người thuê trọ"}))]
pub(crate) struct NewDonationBody {
    /// For which campaign.
    pub(crate) campaign_id: Option<CampaignId>,
    /// Who gave.
    pub(crate) donor: DonorBody,
    /// When it was received; not in the future.
    pub(crate) received_on: Day,
    /// Where goods, and packages with `package_id`, enter stock. May be left out when there is exactly one warehouse.
    pub(crate) point_id: Option<PointId>,
    /// 1 to 500 things given.
    pub(crate) lines: Vec<LineBody>,
    /// A condition the donor made, at most 1000 characters.
    pub(crate) condition: Option<String>,
}

/// Who gave.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct DonorBody {
    /// 1 to 200 characters; may be empty when anonymous.
    #[serde(default)]
    pub(crate) name: String,
    /// A person or an organisation.
    pub(crate) kind: DonorKind,
    /// Whether the donor does not want to be named.
    #[serde(default)]
    pub(crate) anonymous: bool,
}

/// One thing given.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = DonationLineBody)]
pub(crate) enum LineBody {
    /// Goods.
    Goods {
        /// The item.
        item_id: ItemId,
        /// How much, in its smallest unit.
        quantity: i64,
        /// What all of it is worth, in đồng; 0 when left out.
        #[serde(default)]
        value: i64,
        /// The last day on which it may be used.
        expires_on: Option<Day>,
    },
    /// Ready-made packages.
    Packages {
        /// How many.
        count: i64,
        /// What all of them are worth, in đồng; count × the package's value when left out.
        value: Option<i64>,
        /// Their contents: with it they enter stock as their items.
        package_id: Option<PackageId>,
    },
    /// Money.
    Cash {
        /// How much, in đồng.
        amount: i64,
    },
}

impl DonorBody {
    fn check(&self, fields: &mut Validation) -> Option<NewDonor> {
        let name = clean(&self.name);
        let name = if self.anonymous && name.is_empty() { ANONYMOUS.to_owned() } else { name };
        let name = fields.take("donor.name", crate::places::parse_name(&name))?;
        Some(NewDonor { name, kind: self.kind, anonymous: self.anonymous })
    }
}

impl LineBody {
    fn check(&self, fields: &mut Validation, i: usize, received_on: Day) -> Option<NewLine> {
        let field = |name: &str| format!("lines[{i}].{name}");
        match *self {
            Self::Goods { item_id, quantity, value, expires_on } => {
                fields.check(&field("expires_on"), expires_on.is_none_or(|day| day >= received_on), || {
                    Invalid::fixed(
                        "out_of_range",
                        "Hạn sử dụng trước ngày nhận. Kiểm tra lại hạn sử dụng.",
                        "The expiry day comes before the day of receipt. Check it.",
                    )
                });
                let quantity = fields.take(&field("quantity"), Quantity::parse_positive(quantity));
                let value = fields.take(&field("value"), Dong::parse(value));
                Some(NewLine::Goods { item_id, quantity: quantity?, value: value?, expires_on })
            }
            Self::Packages { count, value, package_id } => {
                fields.check(&field("count"), (1..=MAX_PACKAGES).contains(&count), || {
                    Invalid::fixed("out_of_range", "Số suất từ 1 đến 1.000.000.", "Packages are from 1 to 1,000,000.")
                });
                fields.check(&field("value"), value.is_some() || package_id.is_some(), || {
                    Invalid::fixed(
                        "required",
                        "Suất quà không rõ nội dung thì phải ghi tổng trị giá.",
                        "Packages of unknown contents need their total value.",
                    )
                });
                let value = fields.take(&field("value"), Dong::parse(value.unwrap_or(0)));
                Some(NewLine::Packages { count, value: value?, package_id })
            }
            Self::Cash { amount } => {
                fields.check(&field("amount"), amount > 0, || {
                    Invalid::fixed("out_of_range", "Số tiền phải lớn hơn 0.", "The amount must be above 0.")
                });
                Some(NewLine::Cash { amount: fields.take(&field("amount"), Dong::parse(amount))? })
            }
        }
    }
}

impl NewDonationBody {
    fn check(&self, today: Day, staff: &Staff) -> Result<NewDonation> {
        let condition = clean(self.condition.as_deref().unwrap_or(""));
        let mut fields = Validation::new();
        let donor = self.donor.check(&mut fields);
        fields.check("received_on", self.received_on <= today, || {
            Invalid::fixed(
                "out_of_range",
                "Ngày nhận không được ở tương lai.",
                "The day of receipt can't lie in the future.",
            )
        });
        fields.check("condition", condition.chars().count() <= 1000, || {
            Invalid::fixed(
                "out_of_range",
                "Điều kiện dài tối đa 1000 ký tự.",
                "A condition has at most 1000 characters.",
            )
        });
        fields.check("lines", (1..=MAX_LINES).contains(&self.lines.len()), || {
            Invalid::fixed("out_of_range", "Khoản ủng hộ có từ 1 đến 500 dòng.", "A donation has 1 to 500 lines.")
        });
        let lines = self.lines.iter().enumerate();
        let lines = lines.filter_map(|(i, line)| line.check(&mut fields, i, self.received_on)).collect();
        fields.finish()?;
        Ok(NewDonation {
            campaign_id: self.campaign_id,
            donor: donor.ok_or(Error::NotFound)?,
            received_on: self.received_on,
            point_id: self.point_id,
            condition,
            lines,
            import_id: None,
            created_by: Some(staff.id),
        })
    }
}

/// Record a donation
#[utoipa::path(post, path = "/donations", tag = "goods", request_body = NewDonationBody,
    responses((status = 201, description = "The donation with its number", body = Donation), Problems))]
pub(crate) async fn create_donation(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    create: CreateBody<NewDonationBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let mut new = body.check(core.clock.today(), &permit)?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    if let Some(campaign_id) = new.campaign_id {
        require_campaign(&mut tx, "campaign_id", campaign_id).await?;
    }
    complete_lines(&mut tx, &mut new, &body).await?;
    let scope = PointScope::of(&permit);
    if moves_goods(&new.lines) {
        new.point_id = Some(entry_point(&mut tx, new.point_id).await?);
    }
    if let Some(point_id) = new.point_id {
        scope.require_point(&mut tx, "point_id", point_id).await?;
    }
    let ids = record(&mut tx, &core.clock, std::slice::from_ref(&new)).await?;
    let id = ids.first().copied().ok_or(Error::NotFound)?;
    let donation = store::donations::donation(&mut tx, id).await?.ok_or(Error::NotFound)?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "donation", id.0)).await?;
    let response = once.finish(&core, tx, permit.id.0, StatusCode::CREATED, &donation).await?;
    core.changed();
    Ok(response)
}

/// Whether any line enters stock.
pub fn moves_goods(lines: &[NewLine]) -> bool {
    lines.iter().any(|line| matches!(line, NewLine::Goods { .. } | NewLine::Packages { package_id: Some(_), .. }))
}

/// Items and packages must exist; a package's value is worked out where it was left out.
async fn complete_lines(conn: &mut Conn, new: &mut NewDonation, body: &NewDonationBody) -> Result<()> {
    let (mut item_ids, mut package_ids) = (Vec::new(), Vec::new());
    for line in &new.lines {
        match line {
            NewLine::Goods { item_id, .. } => item_ids.push(*item_id),
            NewLine::Packages { package_id, .. } => package_ids.extend(*package_id),
            NewLine::Cash { .. } => {}
        }
    }
    let items = items_by_id(conn, &item_ids).await?;
    let packages = packages_by_id(conn, &package_ids).await?;
    let mut fields = Validation::new();
    for (i, line) in new.lines.iter_mut().enumerate() {
        match line {
            NewLine::Goods { item_id, .. } => {
                fields.check(&format!("lines[{i}].item_id"), items.contains_key(item_id), unknown_item);
            }
            NewLine::Packages { count, value, package_id: Some(id) } => {
                let package = packages.iter().find(|package| package.id == *id);
                fields.check(&format!("lines[{i}].package_id"), package.is_some(), || {
                    Invalid::fixed(
                        "unknown",
                        "Không có suất quà này. Xem danh sách suất quà rồi chọn lại.",
                        "There is no such package. See the list of packages and choose again.",
                    )
                });
                let stated = matches!(body.lines.get(i), Some(LineBody::Packages { value: Some(_), .. }));
                if let (Some(package), false) = (package, stated) {
                    let worth = Dong::parse(package.value.0.saturating_mul(*count));
                    *value = fields.take(&format!("lines[{i}].value"), worth).unwrap_or_default();
                }
            }
            NewLine::Packages { .. } | NewLine::Cash { .. } => {}
        }
    }
    fields.finish()?;
    Ok(())
}

/// Where goods enter stock: the point that was given, else the only warehouse.
pub async fn entry_point(conn: &mut Conn, given: Option<PointId>) -> Result<PointId> {
    if let Some(point_id) = given {
        return Ok(point_id);
    }
    match first_warehouses(conn).await?.as_slice() {
        [only] => Ok(*only),
        _ => Err(Error::field(
            "point_id",
            "required",
            Message::fixed(
                "Hiện vật phải nhập vào một kho hoặc điểm phát. Hãy chọn nơi nhập (point_id).",
                "Goods enter stock somewhere. Choose the warehouse or point (point_id).",
            ),
        )),
    }
}

/// Which donations are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DonationQuery {
    /// Only for this campaign.
    campaign_id: Option<CampaignId>,
    /// Only of this donor.
    donor_id: Option<DonorId>,
    /// Only those that came with this import.
    import_id: Option<uuid::Uuid>,
    /// Only received on this day or later.
    from: Option<Day>,
    /// Only received on this day or earlier.
    to: Option<Day>,
    /// Only with a thing of this kind.
    #[param(inline)]
    kind: Option<LineKind>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Whose donations a login sees.
pub(crate) fn seen_by(staff: &Staff) -> Seen {
    let scope = PointScope::of(staff);
    Seen { points: scope.rows(), every_point: scope.is_everything() }
}

/// The donation as a login may see it.
pub(crate) fn for_reader(staff: &Staff, mut donation: Donation) -> Donation {
    donation.donor = donor_for(staff, donation.donor);
    donation
}

/// The donor as a login may see it.
pub(crate) fn donor_for(staff: &Staff, donor: Donor) -> Donor {
    if staff.role.may(Right::WriteGoods) { donor } else { donor.masked() }
}

/// All donations
#[utoipa::path(get, path = "/donations", tag = "goods", params(DonationQuery),
    responses((status = 200, description = "A page of donations", body = Listing<Donation>), Problems))]
async fn list_donations(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(query): Params<DonationQuery>,
) -> Result<Json<Listing<Donation>>> {
    let cursor = Page { limit: query.limit, after: query.after }.cursor()?;
    let filter = DonationFilter {
        campaign_id: query.campaign_id,
        donor_id: query.donor_id,
        import_id: query.import_id,
        from: query.from,
        to: query.to,
        kind: query.kind,
        ..DonationFilter::default()
    };
    let mut conn = core.db.snapshot().await?;
    let seen = seen_by(&permit);
    let donations = store::listings::donations(&mut conn, &filter, &seen, cursor).await?;
    let donations = donations.into_iter().map(|donation| for_reader(&permit, donation)).collect();
    Ok(Json(Listing::new(donations, cursor, |donation: &Donation| donation.id.0)))
}

/// One donation
#[utoipa::path(get, path = "/donations/{id}", tag = "goods", params(("id" = DonationId, Path)),
    responses((status = 200, description = "The donation", body = Donation), Problems))]
pub(crate) async fn get_donation(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Id(id): Id<DonationId>,
) -> Result<Json<Donation>> {
    let mut conn = core.db.snapshot().await?;
    let scope = PointScope::of(&permit);
    let donation = store::donations::donation(&mut conn, id).await?.ok_or(Error::NotFound)?;
    if donation.point_id.is_some_and(|point_id| !scope.sees(point_id)) {
        return Err(Error::NotFound);
    }
    Ok(Json(for_reader(&permit, donation)))
}

/// All donors
#[utoipa::path(get, path = "/donors", tag = "goods", params(Page),
    responses((status = 200, description = "A page of donors", body = Listing<Donor>), Problems))]
async fn list_donors(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Donor>>> {
    let cursor = page.cursor()?;
    let donors = store::listings::donors(&mut core.db.read().await?, cursor).await?;
    let donors = donors.into_iter().map(|donor| donor_for(&permit, donor)).collect();
    Ok(Json(Listing::new(donors, cursor, |donor: &Donor| donor.id.0)))
}

/// One donor
#[utoipa::path(get, path = "/donors/{id}", tag = "goods", params(("id" = DonorId, Path)),
    responses((status = 200, description = "The donor", body = Donor), Problems))]
pub(crate) async fn get_donor(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Id(id): Id<DonorId>,
) -> Result<Json<Donor>> {
    let donor = store::donations::donor(&mut core.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    Ok(Json(donor_for(&permit, donor)))
}
