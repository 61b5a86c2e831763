using Builder.Protocol.Values;

namespace Builder.Worker.Variation;

/// <summary>What this machine has to vary jobs with. A program that is not installed is null.</summary>
internal sealed record VariationTools
{
    public string? Faketime { get; init; }

    public string? Disorderfs { get; init; }

    public string? Unshare { get; init; }

    public string? Taskset { get; init; }

    public string? Setarch { get; init; }

    /// <summary>A processor that jobs may be bound to; null where there is only one.</summary>
    public int? Processor { get; init; }

    /// <summary>Jobs have namespaces of their own.</summary>
    public bool HasSandbox { get; init; }

    /// <summary>Whether a job in a sandbox ran in a directory with another order; found out by running one.</summary>
    public bool CanMount { get; init; }

    /// <summary>A locale that is installed beside C; null where there is none.</summary>
    public string? Locale { get; init; }

    /// <summary>What can be made of a set, and why not the rest.</summary>
    public VariationReport Report(Variations wanted)
    {
        var missing = VariationNames
            .Each(wanted)
            .Select(one => (Variation: one, Reason: WhyNot(one)))
            .Where(static one => one.Reason is not null)
            .Select(static one => new MissingVariation(one.Variation, one.Reason!))
            .ToList();
        return new VariationReport(missing.Aggregate(wanted, static (made, one) => made & ~one.Variation), missing);
    }

    private string? WhyNot(Variations variation) =>
        variation switch
        {
            Variations.Time when Faketime is null => MissingVariation.NoFaketime,
            Variations.Hostname or Variations.User when !HasSandbox => MissingVariation.NoSandbox,
            Variations.Cpus when Taskset is null => MissingVariation.NoTaskset,
            Variations.Cpus when Processor is null => MissingVariation.OneProcessor,
            Variations.FileOrder when !HasSandbox => MissingVariation.NoSandbox,
            Variations.FileOrder when Disorderfs is null || Unshare is null => MissingVariation.NoDisorderfs,
            Variations.FileOrder when !CanMount => MissingVariation.NoFuse,
            Variations.Kernel when Setarch is null => MissingVariation.NoSetarch,
            _ => null,
        };
}
