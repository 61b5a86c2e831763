namespace Builder.Publishing.Packages;

/// <summary>How a job came by a package name.</summary>
public enum NameOrigin
{
    /// <summary>It published the name first.</summary>
    Published,

    /// <summary>By <c>builder repo assign</c>.</summary>
    Assigned,

    /// <summary>By <c>name-owner</c> in <c>repository.conf</c>, which holds over the others.</summary>
    Configured,
}
