namespace SoftSwitch.Api;

/// <summary>
/// How many connections there may be. One user may have fewer than there are in all, so that nobody alone can keep out the others. Root is
/// counted by itself: it always gets in, and when it has too many, its oldest connection gives way. Any thread.
/// </summary>
internal sealed class ConnectionPlaces
{
    /// <summary>Of all users but root, and of root.</summary>
    public const int OfAll = 64;

    /// <summary>Of one user who isn't root.</summary>
    public const int OfOne = 16;

    private readonly Lock _lock = new();
    private readonly List<ConnectionPlace> _taken = [];

    /// <summary>A place for a connection of this user, given back by disposing of it; null: none is left.</summary>
    /// <param name="user">Who.</param>
    /// <param name="giveWay">Ends the connection, should it have to give way.</param>
    public ConnectionPlace? Take(uint user, Action giveWay)
    {
        ConnectionPlace? oldest = null;
        var place = new ConnectionPlace(this, user, giveWay);
        lock (_lock)
        {
            var isFull = _taken.Count(other => (other.User == 0) == (user == 0)) >= OfAll;
            if (user != 0 && (isFull || _taken.Count(other => other.User == user) >= OfOne))
                return null;
            if (isFull)
            {
                oldest = _taken.Find(other => other.User == 0)!;
                _taken.Remove(oldest);
            }
            _taken.Add(place);
        }
        oldest?.GiveWay();
        return place;
    }

    internal void Return(ConnectionPlace place)
    {
        lock (_lock)
            _taken.Remove(place);
    }
}
