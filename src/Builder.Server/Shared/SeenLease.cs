namespace Builder.Server.Shared;

/// <summary>The lease as the database has it.</summary>
/// <param name="Holder">Empty where nobody ever served.</param>
/// <param name="IsCurrent">By the database's clock.</param>
internal sealed record SeenLease(long Epoch, string Holder, bool IsCurrent);
