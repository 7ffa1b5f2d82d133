using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>That one switch has an address of its own on an interface's link, told to every other: both would answer for it. Call on a
/// thread in the interface's namespace.</summary>
public sealed class AddressClaim : IDisposable
{
    private readonly ClaimTables _tables;

    private AddressClaim(ClaimTables tables) => _tables = tables;

    /// <param name="interfaceName">For messages.</param>
    /// <param name="index">The interface.</param>
    /// <param name="address">The address.</param>
    /// <param name="from">What the program before this one has left in this process; left out: there was none.</param>
    /// <exception cref="SystemCallException">Another switch has it; the message says who.</exception>
    public static AddressClaim Take(string interfaceName, int index, Ipv4Address address, Inheritance? from = null) =>
        new(ClaimTables.Take("address", index, [address.ToString()], word => word == address.ToString(),
            $"the address {address} on interface {interfaceName}", "has it already: end it, or write another address", inside: null, from));

    /// <inheritdoc cref="ClaimTables.Hold"/>
    public void Hold(Inheritance heir) => _tables.Hold(heir);

    public void Dispose() => _tables.Dispose();
}
