namespace Builder.Objects.Credentials;

/// <summary>Gives the key for each request: it may change while a program runs.</summary>
public interface IAccessKeys
{
    /// <exception cref="AccessKeyMissingException">There is none; the message says where it was looked for.</exception>
    AccessKey Current();
}
