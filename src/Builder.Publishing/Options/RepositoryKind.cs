namespace Builder.Publishing.Options;

public enum RepositoryKind
{
    Debian,
    FreeBsd,
}
