namespace Builder.Analysis.Elf;

public enum Solo5DeviceType
{
    BlockBasic = 1,
    NetBasic = 2,
}
