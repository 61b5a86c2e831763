using System.Globalization;
using Builder.Proof.Statements;

namespace Builder.Proof.Verifying;

/// <summary>
/// Answers whether a file is what signed statements say: from what was built, by whom, seen by everybody, built again, not taken back. It
/// asks nobody; whoever calls it has fetched what there is.
/// </summary>
public sealed class Verifier
{
    private readonly VerificationRequest _request;
    private readonly List<VerificationCheck> _checks = [];
    private readonly List<CheckedStatement> _statements = [];

    private Verifier(VerificationRequest request) => _request = request;

    public static VerificationReport Verify(VerificationRequest request) => new Verifier(request).Run();

    private VerificationReport Run()
    {
        ReadStatements();
        var provenance = FindProvenance();
        var build = provenance is null ? null : ProvenanceReader.Read(provenance.Statement);
        if (provenance is not null && build is not null)
        {
            CheckBuild(build);
            CheckLog(provenance);
            var trusted = _statements.Where(statement => statement.Problem is null).ToList();
            SummaryChecks.Add(trusted, _request.Policy, _checks);
            RebuildChecks.Add(_request, _checks);
            CheckRetractions();
        }
        return new VerificationReport(_request.Name, _request.Digest, build, provenance?.Place?.Checkpoint, [.. _checks]);
    }

    private void ReadStatements()
    {
        var checker = new StatementChecker(_request.Keys, _request.Logs);
        var unreadable = 0;
        foreach (var evidence in _request.Evidence)
        {
            try
            {
                _statements.Add(checker.Check(evidence));
            }
            catch (InvalidStatementException)
            {
                unreadable++;
            }
        }
        if (unreadable > 0)
            Note("statements", $"{Count(unreadable, "envelope")} could not be read as statements");
    }

    /// <summary>The trusted provenance about this file. Where there is none, the failed checks say why.</summary>
    private CheckedStatement? FindProvenance()
    {
        var about = _statements.Where(statement => statement.Statement.IsAbout(_request.Digest)).ToList();
        var provenances = about.Where(statement => statement.Statement.PredicateType == SlsaProvenance.TypeUri).ToList();
        var trusted = provenances.Where(statement => statement.Problem is null).ToList();
        var chosen = trusted.Find(IsOfBuild) ?? trusted.FirstOrDefault();
        if (about.Count == 0)
            Fail(
                "file",
                _request.Evidence.Count == 0
                    ? "there is no statement about this file"
                    : "no statement is about this file: its SHA-256 is another"
            );
        else if (provenances.Count == 0)
            Fail("type", $"no statement says how this file was built; there is only {about[0].Statement.PredicateType}");
        else if (chosen is null)
            Fail("signature", provenances[0].Problem!);
        else
        {
            Pass("file", "a statement names this file by its SHA-256");
            Pass("signature", $"signed with key {chosen.Key!.Id}{OwnerOf(chosen)}");
        }
        return chosen;
    }

    private bool IsOfBuild(CheckedStatement statement) =>
        _request.Build is not { } uuid || ProvenanceReader.Read(statement.Statement).Is(uuid);

    private string OwnerOf(CheckedStatement statement) =>
        _request.Keys.Given.Contains(statement.Key!) ? ", which you gave"
        : _request.Keys.List is { } list ? $" of {list.Site}"
        : ", which the log names";

    private void CheckBuild(VerifiedBuild build)
    {
        var where = build.Platform is { } platform ? $" on {platform}" : "";
        var when = build.Finished is { } finished ? $", finished {Moment(finished)}" : "";
        if (_request.Build is { } uuid && !build.Is(uuid))
            Fail("build", $"the statement is about build {build.Invocation}, not {uuid}");
        else if (_request.Job is { } job && build.Job != job)
            Fail("build", $"the statement is about job {build.Job}, not {job}");
        else if (!_request.Policy.Jobs.IsEmpty && (build.Job is null || !_request.Policy.Jobs.Contains(build.Job)))
            Fail("build", $"built by job {build.Job}, which the policy does not allow");
        else
            Pass("build", $"built by job {build.Job ?? "(unnamed)"}{where}{when}");
        if (_request.Policy.Builders.IsEmpty)
            Note("builder", $"the builder is {build.BuilderId ?? "not named"}");
        else if (build.BuilderId is { } id && _request.Policy.Builders.Contains(id))
            Pass("builder", $"the builder is {id}");
        else
            Fail("builder", $"the builder {build.BuilderId ?? "is not named and"} is not one that the policy allows");
        CheckAge(build);
    }

    private void CheckAge(VerifiedBuild build)
    {
        if (_request.Policy.MaximumAge is not { } most)
            return;
        if (build.Finished is not { } finished)
            Fail("age", "the statement does not say when the build finished");
        else if (_request.Now - finished > most)
            Fail("age", $"the build finished {Moment(finished)}, longer ago than the policy allows");
        else
            Pass("age", "the build is as new as the policy asks");
    }

    private void CheckLog(CheckedStatement provenance)
    {
        var isRequired = _request.Policy.RequiresLog ?? !_request.Logs.IsEmpty;
        if (provenance.Place is { } place)
            Pass(
                "log",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"entry {place.Index} of the log {place.Log.Name}, which then had {place.Checkpoint.Size} entries"
                )
            );
        else if (isRequired)
            Fail("log", provenance.LogProblem ?? "no log is known, and the policy asks for one");
        else
            Note("log", provenance.LogProblem ?? "no log was asked: give --trusted-root or --site to see what everybody else is told");
    }

    private void CheckRetractions()
    {
        foreach (var statement in _statements.Where(one => one.Key is not null && one.Statement.PredicateType == Retraction.TypeUri))
        {
            if (!statement.Statement.IsAbout(_request.Digest))
                continue;
            var because = TryReadRetraction(statement.Statement) is { } retraction
                ? $"on {Moment(retraction.At)}: {retraction.Because}"
                : "without a reason";
            Fail("retraction", $"taken back {because}");
            return;
        }
        Pass("retraction", "not taken back");
    }

    private static Retraction? TryReadRetraction(InTotoStatement statement)
    {
        try
        {
            return Retraction.Read(statement);
        }
        catch (InvalidStatementException)
        {
            return null;
        }
    }

    internal static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    internal static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private void Pass(string name, string text) => _checks.Add(new VerificationCheck(name, CheckOutcome.Passed, text));

    private void Fail(string name, string text) => _checks.Add(new VerificationCheck(name, CheckOutcome.Failed, text));

    private void Note(string name, string text) => _checks.Add(new VerificationCheck(name, CheckOutcome.Note, text));
}
