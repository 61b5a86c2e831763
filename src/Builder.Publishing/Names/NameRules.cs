using System.Globalization;
using Builder.Protocol.Values;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Storage.Database;

namespace Builder.Publishing.Names;

/// <summary>Which job may publish which package: names belong to jobs, some to nobody, and no package speaks for another job's.</summary>
internal sealed class NameRules(RepositorySettings settings, PackageNames names, DateTimeOffset now)
{
    public bool AreEnforced => settings.NamesBelongToJobs;

    /// <summary>Null where the build may be published at all; else why not.</summary>
    public string? WhyNot(PublishableBuild build)
    {
        var limit = build.Seen is { } seen && seen < now ? seen : now;
        if (build.Started > Timestamp.From(limit + StartLimit.ClockSkew))
            return $"never published: the build says that it started at {PublishedVersion.BuildTime(build.Started)} (UTC), which was in the future when it came; "
                + "its version would be above all later ones. Correct the worker's clock and build again";
        return build.Uploader switch
        {
            UploaderAccess.Revoked => $"the account that sent this build may not send builds of job {build.Job} any more",
            _ => null,
        };
    }

    /// <summary>Null where the job may publish a package of this name; else why not.</summary>
    public string? WhyNot(string branch, string name, PublishableBuild build)
    {
        var job = build.Job.Value;
        if (Owners(branch, name) is { Count: > 0 } owners)
            return owners.Contains(job) ? null : $"package {name} belongs to job {string.Join(" or ", owners)}. {HowToAssign(name, job)}";
        if (IsProtected(name))
            return $"package {name} has a protected name (protected-names in repository.conf). {HowToAssign(name, job)}";
        if (settings.NamesBelongToJobs && build.Uploader == UploaderAccess.Restricted && !IsOwnName(name, job))
            return $"package {name} does not belong to job {job}, and a restricted account gets new names only if they start with the job's own. "
                + HowToAssign(name, job);
        return null;
    }

    /// <summary>Null where a package may name these others in <c>Provides</c> and the like; else why not.</summary>
    public string? WhyNotOver(string branch, string own, string field, IEnumerable<string> others, PublishableBuild build)
    {
        foreach (var other in others.Where(other => !other.Equals(own, StringComparison.OrdinalIgnoreCase)))
        {
            var owners = Owners(branch, other);
            if (owners.Contains(build.Job.Value))
                continue;
            if (owners.Count > 0)
                return $"{field} names {other}, which belongs to job {string.Join(" or ", owners)}";
            if (IsProtected(other))
                return $"{field} names {other}, which is a protected name (protected-names in repository.conf)";
        }
        return null;
    }

    /// <summary>apt installs essential packages unasked, and does not remove them: that is no job's to decide.</summary>
    public string? WhyNotEssential(string name, string field) =>
        NamePattern.MatchesAny(settings.EssentialPackages, name)
            ? null
            : $"{field} makes clients install it unasked or keep it for ever; essential-packages = {name} in repository.conf allows it";

    public bool IsInTheFuture(string buildTime) =>
        string.CompareOrdinal(buildTime, (now + StartLimit.ClockSkew).UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture))
        > 0;

    private IReadOnlyList<string> Owners(string branch, string name)
    {
        if (!settings.NamesBelongToJobs && !IsProtected(name))
            return [];
        var configured = settings
            .NameOwners.Where(owner => NamePattern.Matches(owner.Name, name))
            .Select(owner => owner.Job)
            .Distinct()
            .ToList();
        return configured.Count > 0 ? configured : names.OwnersOf(name, branch);
    }

    /// <summary>A protected name that the operator gave to a job is in <see cref="Owners"/> and does not come here.</summary>
    private bool IsProtected(string name) => NamePattern.MatchesAny(settings.ProtectedNames, name);

    private static bool IsOwnName(string name, string job) =>
        name.Equals(job, StringComparison.OrdinalIgnoreCase) || name.StartsWith($"{job}-", StringComparison.OrdinalIgnoreCase);

    private static string HowToAssign(string name, string job) => $"To allow it: builder repo assign {name} {Quoted(job)}";

    private static string Quoted(string job) =>
        job.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+') ? job : $"'{job}'";
}
