using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.State.Ports;

/// <summary>The words for a port that claims what is behind another.</summary>
internal static class MoveText
{
    public static string Of(PretenceNews news)
    {
        var owner = news.Owner is null ? "which is the switch's own" : $"which is port {news.Owner}'s";
        return news.Address.Value != 0
            ? $"says that it has {news.Address}, {owner}: nobody hears it (address-taken). The guest there needs another address"
            : $"sends as {news.Station}, {owner}: such frames are dropped (source-taken). The guest there needs another MAC address, or "
                + "sends back what it is sent";
    }

    public static string Of(MoveNews news) => !news.Said.IsNone
        ? $"says that it has {news.Said}, for which somebody at port {news.At.Port.Name} answers: nobody hears it "
            + "(address-elsewhere). Two have one address, or one pretends to be the other"
        : $"sends as {news.Station}, which is at port {news.At.Port.Name} and is heard there: such frames are dropped (source-elsewhere). "
        + (news.By.LeadsToLan
            ? "The LAN sends back what it is sent, or a station there has the same MAC"
            : "Two guests have one MAC, or one pretends to be the other");
}
