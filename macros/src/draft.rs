//! Writes a draft as a constant.

use proc_macro2::TokenStream;
use quote::quote;
use whimbrel_schema::draft::{
    CheckDraft, ColumnDraft, ForeignKeyDraft, IndexDraft, IndexKeyDraft, ReferenceDraft, TableDraft, Text,
    UniqueDraft,
};
use whimbrel_schema::model::{Action, Deferrable, Identity};

/// Something that can be written as a constant.
pub(crate) trait Constant {
    fn constant(&self) -> TokenStream;
}

/// `Cow::Borrowed(&[…])`
fn list<T: Constant>(items: &[T]) -> TokenStream {
    let items = items.iter().map(Constant::constant);
    quote!(::std::borrow::Cow::Borrowed(&[#(#items),*]))
}

fn option<T: Constant>(value: &Option<T>) -> TokenStream {
    match value {
        Some(value) => {
            let value = value.constant();
            quote!(::core::option::Option::Some(#value))
        }
        None => quote!(::core::option::Option::None),
    }
}

impl Constant for Text {
    fn constant(&self) -> TokenStream {
        let text: &str = self;
        quote!(::std::borrow::Cow::Borrowed(#text))
    }
}

impl Constant for bool {
    fn constant(&self) -> TokenStream {
        quote!(#self)
    }
}

impl Constant for Action {
    fn constant(&self) -> TokenStream {
        match self {
            Action::NoAction => quote!(_whimbrel::Action::NoAction),
            Action::Restrict => quote!(_whimbrel::Action::Restrict),
            Action::Cascade => quote!(_whimbrel::Action::Cascade),
            Action::SetNull => quote!(_whimbrel::Action::SetNull),
            Action::SetDefault => quote!(_whimbrel::Action::SetDefault),
        }
    }
}

impl Constant for Deferrable {
    fn constant(&self) -> TokenStream {
        match self {
            Deferrable::No => quote!(_whimbrel::Deferrable::No),
            Deferrable::InitiallyImmediate => quote!(_whimbrel::Deferrable::InitiallyImmediate),
            Deferrable::InitiallyDeferred => quote!(_whimbrel::Deferrable::InitiallyDeferred),
        }
    }
}

impl Constant for Identity {
    fn constant(&self) -> TokenStream {
        match self {
            Identity::Always => quote!(_whimbrel::Identity::Always),
            Identity::ByDefault => quote!(_whimbrel::Identity::ByDefault),
        }
    }
}

impl Constant for ReferenceDraft {
    fn constant(&self) -> TokenStream {
        match self {
            ReferenceDraft::ByType => quote!(_whimbrel::ReferenceDraft::ByType),
            ReferenceDraft::Never => quote!(_whimbrel::ReferenceDraft::Never),
            ReferenceDraft::Target(at) => quote!(_whimbrel::ReferenceDraft::Target(#at)),
        }
    }
}

/// Writes a struct with one expression for each field.
macro_rules! constant {
    ($name:ident { $($plain:ident),*; lists: $($list:ident),*; options: $($option:ident),* }) => {
        impl Constant for $name {
            fn constant(&self) -> TokenStream {
                // Every field must be named here: a draft that grows does not compile until it is written.
                let $name { $($plain,)* $($list,)* $($option,)* } = self;
                $(let $plain = $plain.constant();)*
                $(let $list = list($list);)*
                $(let $option = option($option);)*
                quote!(_whimbrel::$name {
                    $($plain: #$plain,)* $($list: #$list,)* $($option: #$option,)*
                })
            }
        }
    };
}

impl Constant for usize {
    fn constant(&self) -> TokenStream {
        quote!(#self)
    }
}

constant!(TableDraft {
    schema, name; lists: columns, primary_key, uniques, checks, foreign_keys, indexes; options: comment
});
constant!(ColumnDraft {
    name, reference, foreign_key, on_delete, on_update, deferrable;
    lists: ;
    options: default, generated, identity, collation, comment
});
constant!(UniqueDraft { name, deferrable; lists: columns; options: });
constant!(CheckDraft { name, expr; lists: ; options: });
constant!(ForeignKeyDraft {
    name, target, on_delete, on_update, deferrable; lists: columns; options:
});
constant!(IndexDraft { name, unique, method; lists: keys, include; options: predicate });
constant!(IndexKeyDraft { on, is_expr, descending; lists: ; options: nulls_first, opclass, collation });
