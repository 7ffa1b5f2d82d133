using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// An address that counts only behind one port: that which a forward leads to by the port's name. Somebody behind another port who claims
/// it isn't heard by anybody (<see cref="AddressGuard"/>), so that he can't draw the forward to himself; that he has tried is noted, in
/// case the address is his by now.
/// </summary>
/// <param name="port">The port's name, which stays when the port is opened anew.</param>
public sealed class AddressBinding(string port)
{
    private volatile bool _isContested;

    public string Port => port;

    /// <summary>Somebody behind another port has claimed the address.</summary>
    public bool IsContested => _isContested;

    internal void Contest() => _isContested = true;
}
