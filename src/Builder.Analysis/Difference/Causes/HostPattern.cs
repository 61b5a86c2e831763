using System.Text.RegularExpressions;

namespace Builder.Analysis.Difference.Causes;

/// <summary>What belongs to the machine or the person: host and user names, kernel releases, processor models and counts.</summary>
internal static partial class HostPattern
{
    public static bool IsCause(string left, string right, DifferenceOptions options)
    {
        if (left.Length > 4096 || right.Length > 4096)
            return false;
        if (
            IsReplaced(left, right, options.Left.Host, options.Right.Host) || IsReplaced(left, right, options.Left.User, options.Right.User)
        )
            return true;
        if (Processor().IsMatch(left) && Processor().IsMatch(right))
            return true;
        var pairs = DifferingTokens.Of(left, right);
        if (pairs is null)
            return Address().IsMatch(left) && Address().IsMatch(right) && Address().Replace(left, "@") == Address().Replace(right, "@");
        foreach (var pair in pairs)
        {
            var isKernel = Kernel().IsMatch(pair.Left) && Kernel().IsMatch(pair.Right);
            if (!isKernel && !Word().IsMatch(pair.Before) && !IsBesideAt(pair, left))
                return false;
        }
        return pairs.Count > 0;
    }

    private static bool IsReplaced(string left, string right, string? leftName, string? rightName) =>
        leftName is { Length: > 1 }
        && rightName is { Length: > 1 }
        && leftName != rightName
        && left.Contains(leftName, StringComparison.Ordinal)
        && left.Replace(leftName, "\uFFFB", StringComparison.Ordinal) == right.Replace(rightName, "\uFFFB", StringComparison.Ordinal);

    private static bool IsBesideAt(DifferingTokens.Pair pair, string left) =>
        pair.Before.EndsWith('@') || left.Contains($"{pair.Left}@", StringComparison.Ordinal);

    [GeneratedRegex(@"[\w.-]{1,64}@[\w.-]{1,64}", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    [GeneratedRegex(
        @"^\d+\.\d+(?:\.\d+)?-[\w.+~-]*$|^\d+\.\d+\.\d+-?(?:amd64|generic|arm64|cloud|azure|aws|gcp)",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Kernel();

    [GeneratedRegex(
        @"Intel\(R\)|Xeon|Core\(TM\)|AMD (?:EPYC|Ryzen|Opteron)|EPYC|Ryzen|Cortex-[AXM]|Neoverse|[0-9]\s?[GM]Hz",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Processor();

    [GeneratedRegex(
        @"(?:host(?:[\s_-]?name)?|machine|node(?:name)?|user(?:[\s_-]?name)?|log[\s_-]?name|who|owner|by|on|uname|kernel|linux(?:[\s_-]version)?|cpus?|processors?|cores?|nproc|ncpu|threads?|jobs|(?:count|model)|-j|uid|gid|home|domain|fqdn|machine[\s_-]?id)[\w""']{0,10}[\s:=""'\[(]{0,8}(?:\w{1,12}\s)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Word();
}
