using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;

namespace Builder.Storage.Accounts;

/// <summary>
/// What a token is for: <c>upload:JOBS</c>, <c>run:JOBS</c> (<c>*</c> and <c>?</c> stand for any characters and any one), <c>operate</c>, <c>admin</c> and <c>read</c>. It
/// never gives more than its owner may.
/// </summary>
public sealed record TokenScopes
{
    private const string Upload = "upload:";
    private const string Run = "run:";
    private const int MaxScopes = 50;
    private const int MaxGlobLength = 255;

    private readonly ImmutableArray<string> all;

    private TokenScopes(ImmutableArray<string> all) => this.all = all;

    public bool MayOperate => all.Contains("operate");

    public bool MayAdminister => all.Contains("admin");

    /// <summary>Every scope reads.</summary>
    public bool MayRead => all.Length > 0;

    public bool MayUpload(string job) => Matches(Upload, job);

    public bool MayRun(string job) => Matches(Run, job);

    /// <param name="text">Separated by blanks.</param>
    /// <param name="reason">What is wrong with it, and how to write it.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TokenScopes? scopes, [NotNullWhen(false)] out string? reason)
    {
        var all = text.Split((char[])[' ', '\t', '\n', '\r', ','], StringSplitOptions.RemoveEmptyEntries).Distinct().ToImmutableArray();
        var unknown = all.FirstOrDefault(scope => !IsScope(scope));
        reason =
            all.Length == 0 ? "a token needs a scope: upload:JOBS, run:JOBS, operate, admin or read"
            : all.Length > MaxScopes ? $"a token has at most {MaxScopes} scopes"
            : unknown is not null ? $"the scope \"{unknown}\" is unknown; use upload:JOBS, run:JOBS, operate, admin or read"
            : null;
        scopes = reason is null ? new TokenScopes(all) : null;
        return scopes is not null;
    }

    public override string ToString() => string.Join(' ', all);

    public bool Equals(TokenScopes? other) => other is not null && all.SequenceEqual(other.all);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>What no longer reads as scopes is for nothing.</summary>
    internal static TokenScopes Stored(string text) => TryParse(text, out var scopes, out _) ? scopes : new TokenScopes([]);

    private static bool IsScope(string scope) => scope is "operate" or "admin" or "read" || IsGlob(scope, Upload) || IsGlob(scope, Run);

    private static bool IsGlob(string scope, string kind) =>
        scope.StartsWith(kind, StringComparison.Ordinal) && scope.Length > kind.Length && scope.Length <= kind.Length + MaxGlobLength;

    private bool Matches(string kind, string job) =>
        all.Any(scope =>
            scope.StartsWith(kind, StringComparison.Ordinal)
            && FileSystemName.MatchesSimpleExpression(scope.AsSpan(kind.Length), job, ignoreCase: false)
        );
}
