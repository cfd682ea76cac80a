using Poolhouse.Core;

namespace Poolhouse.Trials.Simulation;

/// <summary>One application with one session at a time: it refreshes, sometimes from several tabs, revokes, signs out, and now and then a thief has its tokens.</summary>
sealed class App(World world, int number)
{
    Family? family;

    Chance Chance => world.Agenda.Chance;

    public Family? Session => family;

    public void Live()
    {
        Act();
        world.Agenda.In(Chance.Of(0.05) ? Chance.Between(5_000, 15_000) : Chance.Between(30, 700), Live);
    }

    void Act()
    {
        if (family is null || family.EndedAt is not null || family.Retired)
        {
            // One last try of what must not work.
            if (family is not null && Chance.Of(0.5)) Refresh(family.Top, 1);
            else SignIn();
            return;
        }
        switch (Chance.Below(100))
        {
            case < 75:
                Refresh(family.Top, Chance.Of(0.3) ? Chance.Between(2, 4) : 1);
                break;
            case < 90:
                Refresh(Math.Max(0, family.Top - 1), 1);
                break;
            case < 92:
                Refresh(Chance.Between(0, family.Top), 1);
                break;
            case < 97:
                Revoke(family);
                break;
            case < 98:
                SignOut();
                break;
        }
    }

    void SignIn()
    {
        var (fresh, user) = (new Family(world.Realm.Users[number % world.Realm.Users.Count].Sub, world.Agenda), world.Realm.Users[number % world.Realm.Users.Count]);
        var whose = world.Store.Restored;
        world.Request(node => node.SignIn(user.Sub), reply =>
        {
            if (reply.Tokens is null || whose != world.Store.Restored) return;
            fresh.Born(reply.Tokens);
            // Whatever ends all sessions of the user and is under way ends this one, too, or does not.
            if (world.SigningOut.Contains(user.Sub)) fresh.AskEnd();
            world.Counts.SignIns++;
            world.Families.Add(family = fresh);
        });
    }

    void Refresh(int generation, int tabs)
    {
        var one = family!;
        var token = one.Token(generation);
        if (generation < one.Top - 1) one.AskEnd();
        for (var tab = 0; tab < tabs; tab++)
        {
            var attempt = one.Present(generation);
            world.Request(node => node.Refresh(token), reply =>
            {
                world.Counts.Refreshes += reply.Tokens is null ? 0 : 1;
                one.Judge(attempt, reply);
                if (reply.Refused is Refusal.RefreshTokenRevoked or Refusal.RefreshTokenInvalid or Refusal.RefreshTokenExpired && one == family && Chance.Of(0.7)) family = null;
            }, over: () => attempt.OverAt = world.Agenda.Ms);
        }
    }

    void Revoke(Family one)
    {
        one.AskEnd();
        var (token, whose) = (one.Token(Chance.Between(0, one.Top)), world.Store.Restored);
        world.Request(node => node.Revoke(token), reply =>
        {
            if (!reply.Answered || reply.Refused is not null || whose != world.Store.Restored) return;
            one.End();
            world.Counts.Revocations++;
        });
    }

    void SignOut()
    {
        var (sub, whose) = (family!.Sub, world.Store.Restored);
        var all = world.Families.Where(one => one.Sub == sub && !one.Retired).ToArray();
        foreach (var one in all) one.AskEnd();
        world.SigningOut.Add(sub);
        world.Request(node => node.SignOut(sub), reply =>
        {
            if (!reply.Answered || reply.Refused is not null || whose != world.Store.Restored) return;
            foreach (var one in all) one.End();
            world.Counts.Revocations += all.Length;
        });
    }
}
