namespace Builder.Objects.Credentials;

/// <summary>No key is configured, or the file with it cannot be read; the message says how to give one.</summary>
public sealed class AccessKeyMissingException(string message, Exception? innerException = null) : Exception(message, innerException);
