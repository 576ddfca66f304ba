//! One list of handlers, read in two ways: as the routes that the service answers, and as their description in the
//! OpenAPI document. The description is written by `make openapi` into `assets/openapi.json`, which the program serves
//! and a test compares: the code that writes it is no part of the program.

use axum::extract::DefaultBodyLimit;
use axum::{Extension, Router};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::core::Core;

/// What a list of handlers is read as.
pub trait Api: Sized {
    /// Nothing yet.
    fn new() -> Self;

    /// Adds what [`routes!`](crate::http::routes) names.
    #[must_use]
    fn routes<D: Described>(self, described: D) -> Self;

    /// Adds another list.
    #[must_use]
    fn merge(self, other: Self) -> Self;

    /// Gives the handlers so far something that they share.
    #[must_use]
    fn sharing<T: Clone + Send + Sync + 'static>(self, shared: T) -> Self;

    /// Sets how large bodies of the handlers so far may be.
    #[must_use]
    fn limited(self, limit: DefaultBodyLimit) -> Self;
}

/// Handlers of one path.
pub trait Described {
    /// Adds them to the service's routes.
    fn route(router: Router<Core>) -> Router<Core>;

    /// Describes them.
    fn describe() -> UtoipaMethodRouter<Core>;
}

impl Api for Router<Core> {
    fn new() -> Self {
        Self::new()
    }

    fn routes<D: Described>(self, _: D) -> Self {
        D::route(self)
    }

    fn merge(self, other: Self) -> Self {
        self.merge(other)
    }

    fn sharing<T: Clone + Send + Sync + 'static>(self, shared: T) -> Self {
        self.layer(Extension(shared))
    }

    fn limited(self, limit: DefaultBodyLimit) -> Self {
        self.layer(limit)
    }
}

impl Api for OpenApiRouter<Core> {
    fn new() -> Self {
        Self::new()
    }

    fn routes<D: Described>(self, _: D) -> Self {
        self.routes(D::describe())
    }

    fn merge(self, other: Self) -> Self {
        self.merge(other)
    }

    fn sharing<T: Clone + Send + Sync + 'static>(self, _: T) -> Self {
        self
    }

    fn limited(self, _: DefaultBodyLimit) -> Self {
        self
    }
}

/// The type that `utoipa::path` describes a handler by.
macro_rules! described {
    ($handler:ident) => {
        utoipa_axum::paste!([<__path_ $handler>])
    };
    ($module:ident :: $handler:ident) => {
        utoipa_axum::paste!($module::[<__path_ $handler>])
    };
}
pub(crate) use described;

/// The handlers of one path, each described by `utoipa::path`: `routes!(get_area, points::change)`.
macro_rules! routes {
    ($($first:ident $(:: $second:ident)?),+ $(,)?) => {{
        struct Here;
        impl $crate::http::Described for Here {
            fn route(router: axum::Router<$crate::http::Core>) -> axum::Router<$crate::http::Core> {
                use utoipa_axum::PathItemExt as _;
                let paths = [$(<$crate::http::described!($first $(:: $second)?) as utoipa::Path>::path()),+];
                let mut methods = axum::routing::MethodRouter::new();
                $(
                    for method in <$crate::http::described!($first $(:: $second)?) as utoipa::Path>::methods() {
                        methods = methods.on(method.to_method_filter(), $first $(:: $second)?);
                    }
                )+
                router.route(&paths[0], methods)
            }

            fn describe() -> utoipa_axum::router::UtoipaMethodRouter<$crate::http::Core> {
                utoipa_axum::routes!($($first $(:: $second)?),+)
            }
        }
        Here
    }};
}
pub(crate) use routes;
