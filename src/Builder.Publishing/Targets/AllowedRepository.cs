namespace Builder.Publishing.Targets;

/// <summary>Jobs that may set the status of commits of one repository.</summary>
/// <param name="Jobs">A pattern with <c>*</c> and <c>?</c>.</param>
/// <param name="Repository">As the forge names it, such as <c>mirage/hello</c>.</param>
public sealed record AllowedRepository(string Jobs, string Repository);
