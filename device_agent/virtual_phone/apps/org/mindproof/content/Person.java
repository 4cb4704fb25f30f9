package org.mindproof.content;

import java.util.SplittableRandom;
import org.mindproof.phone.Json;

/** Somebody who posts: `number` picks the same name and face every time. `avatar` names a picture, or is its address. */
public record Person(int number, String name, String handle, String town, int followers, String avatar) {
    public static Person of(int number) {
        SplittableRandom random = Library.random("person", number);
        var people = Library.file("people");
        String first = Library.pick(Json.strings(people.get("first")), random);
        String last = Library.pick(Json.strings(people.get("last")), random);
        String handle = "@" + (first + "." + last).toLowerCase(java.util.Locale.ROOT);
        String town = Library.pick(Json.strings(people.get("towns")), random);
        int followers = (int) Math.pow(10, 1.5 + random.nextDouble() * 4);
        return new Person(number, first + " " + last, handle, town, followers, "avatar/" + number);
    }
}
