namespace Builder.Publishing.Packages;

/// <summary>A package name, or with <c>*</c> a pattern of names, and the job that may publish it.</summary>
/// <param name="Branch">A distribution or an ABI; <see cref="EveryBranch"/> for all.</param>
public sealed record NameOwner(string Name, string Branch, string Job, NameOrigin Origin)
{
    public const string EveryBranch = "*";
}
