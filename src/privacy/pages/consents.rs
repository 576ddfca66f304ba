//! Consents of one person: seen, given, taken back.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use crate::consents::{self as given, Consent, ConsentSubject, Owner, Purpose};
use crate::http::{Core, Form, Frame, Id, Result, see_other, show};
use crate::kernel::Validation;
use crate::kernel::message::Invalid;
use crate::people::Visitor;
use crate::people::rights::ManagePrivacy;
use crate::privacy::consent_body::{GiveBody, WithdrawBody};
use crate::privacy::service::consents;

pub fn router() -> Router<Core> {
    Router::new()
        .route("/households/{id}/consents", get(household).post(give_household))
        .route("/households/{id}/consents/withdraw", post(withdraw_household))
        .route("/landlords/{id}/consents", get(landlord).post(give_landlord))
        .route("/landlords/{id}/consents/withdraw", post(withdraw_landlord))
        .route("/donors/{id}/consents", get(donor).post(give_donor))
        .route("/donors/{id}/consents/withdraw", post(withdraw_donor))
}

#[derive(Template)]
#[template(path = "privacy/consents.html")]
struct ConsentsPage {
    frame: Frame,
    form: Form,
    /// The page's own address.
    path: String,
    /// Where the person's own page is.
    back: String,
    purposes: &'static [Purpose],
    items: Vec<Consent>,
}

impl ConsentsPage {
    fn choices(&self) -> Vec<(&'static str, String)> {
        self.purposes.iter().map(|purpose| (purpose.name(), self.frame.say(&purpose.say()).to_owned())).collect()
    }

    /// What is read out before somebody agrees.
    fn texts(&self) -> Vec<&str> {
        self.purposes.iter().map(|purpose| self.frame.say(given::text::in_force(*purpose))).collect()
    }

    fn in_force(&self) -> bool {
        self.items.iter().any(|consent| consent.withdrawn_at.is_none())
    }

    fn purpose(&self, consent: &Consent) -> String {
        self.frame.say(&consent.purpose.say()).to_owned()
    }

    fn channel(&self, consent: &Consent) -> String {
        self.frame.say(&consent.channel.say()).to_owned()
    }

    /// The text that was shown, where it had a version.
    fn text(&self, consent: &Consent) -> Option<&str> {
        given::text::version(consent.purpose, consent.text_version).map(|text| self.frame.say(text))
    }
}

/// Where the pages of one kind of person are.
const fn folder(kind: ConsentSubject) -> &'static str {
    match kind {
        ConsentSubject::Household => "/households",
        ConsentSubject::Landlord => "/landlords",
        ConsentSubject::Donor => "/donors",
    }
}

async fn show_page(
    core: &Core,
    visitor: Visitor<ManagePrivacy>,
    owner: Owner,
    (status, form): (StatusCode, Form),
) -> Result<Response> {
    let items = consents::list(&mut core.db.read().await?, &visitor.permit, owner).await?;
    let own = format!("{}/{}", folder(owner.kind), owner.id);
    let page = ConsentsPage {
        frame: visitor.frame,
        form,
        path: format!("{own}/consents"),
        // A landlord has no page but what is kept.
        back: if owner.kind == ConsentSubject::Landlord { format!("{own}/export") } else { own },
        purposes: consents::purposes(owner.kind),
        items,
    };
    show(status, &page)
}

async fn seen(core: &Core, visitor: Visitor<ManagePrivacy>, owner: Owner) -> Result<Response> {
    let form = Form::fresh(core);
    show_page(core, visitor, owner, (StatusCode::OK, form)).await
}

fn choose(vi: &'static str, en: &'static str) -> impl Fn(Invalid) -> Invalid {
    move |_| Invalid::fixed("required", vi, en)
}

async fn give(core: &Core, visitor: Visitor<ManagePrivacy>, owner: Owner, form: Form) -> Result<Response> {
    let kept = async {
        let mut fields = Validation::new();
        let purpose = form.chosen("purpose").map_err(choose("Chọn việc được đồng ý.", "Choose what was agreed to."));
        let channel = form.chosen("channel").map_err(choose("Chọn cách đã hỏi.", "Choose how it was asked."));
        let (purpose, channel) = (fields.take("purpose", purpose), fields.take("channel", channel));
        let (purpose, channel) = fields.all((purpose, channel))?;
        let body = GiveBody { purpose, channel };
        core.run(async |tx| consents::give(tx, core, &visitor.permit, owner, body).await).await
    };
    answer(core, kept.await, visitor, owner, form).await
}

async fn withdraw(core: &Core, visitor: Visitor<ManagePrivacy>, owner: Owner, form: Form) -> Result<Response> {
    let kept = async {
        let mut fields = Validation::new();
        let purpose = form.chosen("withdraw_purpose");
        let purpose = purpose.map_err(choose("Chọn việc rút đồng ý.", "Choose what is taken back."));
        let channel = form.chosen("withdraw_channel");
        let channel = channel.map_err(choose("Chọn cách người dân báo.", "Choose how they said so."));
        let (purpose, channel) = (fields.take("withdraw_purpose", purpose), fields.take("withdraw_channel", channel));
        let (purpose, channel) = fields.all((purpose, channel))?;
        let body = WithdrawBody { purpose, channel, reason: form.value("reason").to_owned() };
        core.run(async |tx| consents::withdraw(tx, core, &visitor.permit, owner, body).await).await
    };
    answer(core, kept.await, visitor, owner, form).await
}

async fn answer(
    core: &Core,
    kept: Result<Vec<Consent>>,
    visitor: Visitor<ManagePrivacy>,
    owner: Owner,
    form: Form,
) -> Result<Response> {
    match kept {
        Ok(_) => Ok(see_other(&format!("{}/{}/consents?done=saved", folder(owner.kind), owner.id))),
        Err(error) => {
            let refused = form.refused(error)?;
            show_page(core, visitor, owner, refused).await
        }
    }
}

/// The handlers of one kind of person.
macro_rules! of_kind {
    ($kind:ident, $see:ident, $give:ident, $withdraw:ident) => {
        async fn $see(
            State(core): State<Core>,
            visitor: Visitor<ManagePrivacy>,
            Id(id): Id<uuid::Uuid>,
        ) -> Result<Response> {
            seen(&core, visitor, Owner { kind: ConsentSubject::$kind, id }).await
        }

        async fn $give(
            State(core): State<Core>,
            visitor: Visitor<ManagePrivacy>,
            Id(id): Id<uuid::Uuid>,
            form: Form,
        ) -> Result<Response> {
            give(&core, visitor, Owner { kind: ConsentSubject::$kind, id }, form).await
        }

        async fn $withdraw(
            State(core): State<Core>,
            visitor: Visitor<ManagePrivacy>,
            Id(id): Id<uuid::Uuid>,
            form: Form,
        ) -> Result<Response> {
            withdraw(&core, visitor, Owner { kind: ConsentSubject::$kind, id }, form).await
        }
    };
}

of_kind!(Household, household, give_household, withdraw_household);
of_kind!(Landlord, landlord, give_landlord, withdraw_landlord);
of_kind!(Donor, donor, give_donor, withdraw_donor);
