namespace Builder.Worker.Conversation;

/// <summary>A file that the job left cannot be read as it was: another connection would not help.</summary>
internal sealed class ArtifactUnreadableException(Exception cause) : Exception(cause.Message, cause);
