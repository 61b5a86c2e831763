namespace Builder.Posix;

/// <summary>Types of files, with their numbers in a file's mode (inode(7)).</summary>
public enum EntryType
{
    NamedPipe = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    File = 0x8000,
    SymbolicLink = 0xA000,
    Socket = 0xC000,
}
