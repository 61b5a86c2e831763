namespace Builder.Publishing;

public enum RepositoryKind
{
    Debian,
    FreeBsd,
}
