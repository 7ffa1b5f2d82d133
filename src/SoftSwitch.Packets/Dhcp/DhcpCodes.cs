using System.Runtime.CompilerServices;

namespace SoftSwitch.Packets.Dhcp;

/// <summary>The codes of a message's options, a bit each. Most of what a server looks for isn't there, and needs no going over all
/// that is.</summary>
[InlineArray(256 / BitsOfWord)]
internal struct DhcpCodes
{
    private const int BitsOfWord = 64;

    private ulong _first;

    public void Add(byte code) => this[code / BitsOfWord] |= 1UL << (code % BitsOfWord);

    public readonly bool Contains(byte code) => (this[code / BitsOfWord] & (1UL << (code % BitsOfWord))) != 0;
}
