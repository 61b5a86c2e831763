namespace Builder.Analysis.Opam;

internal enum OpamToken
{
    End,
    Ident,
    String,
    Number,
    Flag,
    Colon,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    LeftParenthesis,
    RightParenthesis,
    And,
    Or,
    Prefix,
    Relational,
    Environment,
}
