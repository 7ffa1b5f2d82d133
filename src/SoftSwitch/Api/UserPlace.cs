namespace SoftSwitch.Api;

/// <summary>One of <see cref="UserPlaces"/>, given back by disposing of it.</summary>
/// <param name="places">Whose it is.</param>
/// <param name="user">Who has it.</param>
/// <param name="since">The moment it was taken, in milliseconds.</param>
/// <param name="giveWay">Ends what has the place, should it have to give way.</param>
internal sealed class UserPlace(UserPlaces places, uint user, long since, Action giveWay) : IDisposable
{
    public uint User => user;

    public long Since => since;

    public void GiveWay() => giveWay();

    public void Dispose() => places.Return(this);
}
