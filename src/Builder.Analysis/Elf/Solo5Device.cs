namespace Builder.Analysis.Elf;

/// <summary>A device that must be attached before the unikernel starts.</summary>
public sealed record Solo5Device(string Name, Solo5DeviceType Type)
{
    /// <summary>NET_BASIC or BLOCK_BASIC, as Solo5 writes it.</summary>
    public string TypeName => Type == Solo5DeviceType.NetBasic ? "NET_BASIC" : "BLOCK_BASIC";
}
