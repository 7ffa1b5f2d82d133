using System.Security.Cryptography;
using System.Text;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// MAC addresses for stations of ours: locally administered (IEEE 802, 8.4), and the same at every start, so that nobody's ARP cache is wrong after a restart.
/// </summary>
internal static class StationMac
{
    /// <summary>An address made from what names the station.</summary>
    /// <param name="words">Different for every station that could meet it on one Ethernet.</param>
    public static MacAddress Of(params ReadOnlySpan<string> words)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', words)));
        hash[0] = 0x02;
        return MacAddress.Read(hash);
    }
}
