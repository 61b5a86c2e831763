namespace Builder.Worker.Roots;

/// <summary>The tree that a job sees was changed, or cannot be read any more: nobody can say what the job ran in, so its result is not sent.</summary>
internal sealed class RootChangedException(string message) : IOException(message);
