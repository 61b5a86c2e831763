namespace Builder.Storage.Leases;

/// <summary>Another process has taken the work over: nothing of this result was kept.</summary>
public sealed class LeaseLostException(string work)
    : Exception($"the lease of \"{work}\" was lost: this process did not renew it in time, and another one goes on with the work")
{
    public string Work => work;
}
