using System.Globalization;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>A way out as the program before this one had it in this process.</summary>
/// <param name="Number">From 1, among the ways of its outside.</param>
/// <param name="Index">Its interface.</param>
/// <param name="Address">What the world sees.</param>
/// <param name="IsOpen">It had a wire.</param>
/// <param name="OnlyAnswers">Nothing begins there inside.</param>
/// <param name="IsForForwards">It was opened for those who ask forwards.</param>
/// <param name="Interface">What that was called.</param>
internal sealed record InheritedWay(
    int Number, int Index, Ipv4Address Address, bool IsOpen, bool OnlyAnswers, bool IsForForwards, string Interface)
{
    /// <summary>A way that was opened once, in words.</summary>
    public static string Of(OutsideWay way) => string.Create(CultureInfo.InvariantCulture,
        $"{way.Number} {way.Link!.Index} {way.Address} {Flag(way.Station is not null)} {Flag(way.OnlyAnswers)} ")
        + $"{Flag(way.IsForForwards)} {way.Link.Interface}";

    /// <summary>What these words say; null: nothing.</summary>
    public static InheritedWay? Parse(string words) =>
        words.Split(' ', 7) is [var number, var index, var address, var isOpen, var onlyAnswers, var isForForwards, var name]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var which)
        && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && Ipv4Address.TryParse(address, out var seen)
            ? new(which, at, seen, isOpen == "1", onlyAnswers == "1", isForForwards == "1", name) : null;

    private static char Flag(bool holds) => holds ? '1' : '0';
}
