namespace Builder.Objects.Transfer;

public enum PutOutcome
{
    /// <summary>Durable, with these bytes.</summary>
    Stored,

    /// <summary>An object of this key was there, and stays as it was.</summary>
    AlreadyThere,
}
