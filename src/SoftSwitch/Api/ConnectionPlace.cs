namespace SoftSwitch.Api;

/// <summary>One connection of <see cref="ConnectionPlaces"/>.</summary>
internal sealed class ConnectionPlace(ConnectionPlaces places, uint user, Action giveWay) : IDisposable
{
    public uint User => user;

    public void GiveWay() => giveWay();

    public void Dispose() => places.Return(this);
}
