//! Declares a request in one place: what it holds, its row, what it is about, how it is sent and how the reply is read.
//!
//! ```text
//! request! {
//!     /// One page of the data sources of a knowledge base (`bedrock:ListDataSources`).
//!     list ListDataSources in a Region {
//!         /// The knowledge base.
//!         knowledge_base: KnowledgeBaseId,
//!     } of DataSourceSummary,
//!     row: Operation::read(Service::BedrockAgent, "ListDataSources").needs(&["bedrock:ListDataSources"], KNOWLEDGE_BASE),
//!     about: |it| knowledge_base_entity(&it.knowledge_base),
//!     send: |it, to| to.bedrock_agent(Some(&it.region)).list_data_sources().set_next_token(it.next.clone()),
//!     reply: |out| Ok(Page { items: …, next: out.next_token }),
//! }
//! ```
//!
//! A request is a `read`, a `list` (a read in pages, which holds where the last page ended) or a `change`. `in a Region` gives it
//! its Region; one of a global service leaves that out. `send` gives the SDK's builder and may use `?` on a [`Fault`].
//! `reply` reads what came back; its error is a text that says what makes no sense. A change that makes nothing leaves it out.
//!
//! [`Fault`]: super::Fault

/// See the module.
macro_rules! request {
    // A read with one answer.
    (
        $(#[$doc:meta])* read $name:ident $(in a $region:ident)?
        { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* } of $reply:ty,
        row: $row:expr,
        about: |$me:ident| $about:expr,
        send: |$it:ident, $to:ident| $builder:expr,
        reply: |$out:ident| $read:expr,
    ) => {
        $crate::aws::declare::request!(@request
            [$(#[$doc])* #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]]
            $name [$($region)?] [$($(#[$field_doc])* $field: $type,)*] [] $reply;
            $row; |$me| $about; |$it, $to| $builder; |$out| $read);

        impl $crate::aws::Ask for $name {}
    };
    // A read in pages.
    (
        $(#[$doc:meta])* list $name:ident $(in a $region:ident)?
        { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* } of $item:ty,
        row: $row:expr,
        about: |$me:ident| $about:expr,
        send: |$it:ident, $to:ident| $builder:expr,
        reply: |$out:ident| $read:expr,
    ) => {
        $crate::aws::declare::request!(@request
            [$(#[$doc])* #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]]
            $name [$($region)?] [$($(#[$field_doc])* $field: $type,)*] [next] $crate::aws::Page<$item>;
            $row; |$me| $about; |$it, $to| $builder; |$out| $read);

        impl $crate::aws::Ask for $name {}

        impl $crate::aws::Paged for $name {
            type Item = $item;

            fn after(&self, next: String) -> Self {
                // A list of which nothing can be asked has this one field.
                let mut after = self.clone();
                after.next = Some(next);
                after
            }
        }
    };
    // A change, of whose reply later calls need something.
    (
        $(#[$doc:meta])* change $name:ident $(in a $region:ident)?
        { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }
        row: $row:expr,
        about: |$me:ident| $about:expr,
        send: |$it:ident, $to:ident| $builder:expr,
        reply: |$out:ident| $read:expr,
    ) => {
        $crate::aws::declare::request!(@request
            [$(#[$doc])* #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]]
            $name [$($region)?] [$($(#[$field_doc])* $field: $type,)*] [] $crate::aws::Made;
            $row; |$me| $about; |$it, $to| $builder; |$out| $read);
    };
    // A change that makes nothing.
    (
        $(#[$doc:meta])* change $name:ident $(in a $region:ident)?
        { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }
        row: $row:expr,
        about: |$me:ident| $about:expr,
        send: |$it:ident, $to:ident| $builder:expr,
    ) => {
        $crate::aws::declare::request!(@request
            [$(#[$doc])* #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]]
            $name [$($region)?] [$($(#[$field_doc])* $field: $type,)*] [] $crate::aws::Made;
            $row; |$me| $about; |$it, $to| $builder; |_out| Ok($crate::aws::Made::new()));
    };
    (@request
        [$($head:tt)*] $name:ident [$($region:ident)?] [$($(#[$field_doc:meta])* $field:ident: $type:ty,)*] [$($next:ident)?] $reply:ty;
        $row:expr; |$me:ident| $about:expr; |$it:ident, $to:ident| $builder:expr; |$out:ident| $read:expr
    ) => {
        $($head)*
        pub struct $name {
            $(/// The Region.
            pub region: $crate::base::$region,)?
            $($(#[$field_doc])* pub $field: $type,)*
            $(/// Where the last page ended.
            pub $next: Option<String>,)?
        }

        impl $crate::aws::Request for $name {
            const OPERATION: &'static $crate::aws::Operation = &$row;

            type Reply = $reply;

            fn entity(&self) -> $crate::base::Entity {
                let $me = self;
                $about
            }

            $(fn region(&self) -> Option<&$crate::base::$region> {
                Some(&self.region)
            })?

            async fn send(
                &self,
                $to: &$crate::aws::Clients,
            ) -> Result<$crate::aws::Accepted<Self::Reply>, $crate::aws::Fault> {
                let $it = self;
                $crate::aws::ear::hear!(Self::OPERATION, $builder, |$out| $out)?
                    .read(Self::OPERATION, |$out| -> Result<Self::Reply, String> { $read })
            }
        }
    };
}
pub(super) use request;
